import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncTestSupport

/// Project records like those that `scripts/bench` has, of about 600 bytes of JSON each. The one with a number is always the same.
struct Samples {
  let collection: CollectionName
  let author: Identity
  /// Who wrote them all.
  let office = ReplicaID(high: 0x0F1C_E000_0000_0001, low: 0x5EED)
  private let paths: [FieldPath]

  init() throws {
    collection = try CollectionName("bench")
    author = try Identity("office/rabat")
    paths = try [
      "title", "region", "sector", "budget", "jobs_target", "partners", "status", "milestones",
      "notes",
    ].map { try FieldPath($0) }
  }

  func id(_ number: Int) throws -> RecordID {
    var random = SplitMix64(seed: UInt64(number))
    return try RecordID(ReplicaID.random(using: &random).description)
  }

  func record(_ number: Int) -> Record {
    var random = SplitMix64(seed: UInt64(number))
    func one(of texts: [String]) -> String { texts.randomElement(using: &random) ?? "" }
    func some(_ count: Int, of texts: [String]) -> [String] {
      (0..<count).map { _ in one(of: texts) }
    }
    let isArabic = number % 4 == 0
    let milestones: [Value] = (0..<2).map { year in
      .object(
        ObjectValue([
          ("date", .text("202\(4 + year)-0\(Int.random(in: 1...9, using: &random))-1\(year)")),
          ("done", .boolean(random.oneIn(2))), ("label", .text(one(of: Texts.verbs))),
        ]) ?? .empty)
    }
    let values: [Value] = [
      .text("\(one(of: isArabic ? Texts.arabicTitles : Texts.verbs)) n° \(number)"),
      .text(one(of: Texts.regions)), .text(one(of: Texts.sectors)),
      .integer(Int64.random(in: 0..<5_000_000, using: &random)),
      .integer(Int64.random(in: 0..<400, using: &random)),
      .list(some(3, of: Texts.partners).map { .text($0) }), .text(one(of: Texts.states)),
      .list(milestones),
      .text(some(21, of: isArabic ? Texts.arabicWords : Texts.words).joined(separator: " ")),
    ]
    var record = Record()
    record.write(
      zip(paths, values).map { (path: $0, content: .value($1)) }.sorted { $0.path < $1.path },
      as: Dot(office, UInt64(number + 1)),
      info: WriteInfo(time: HybridTime(milliseconds: 1_760_000_000_000), author: author))
    return record
  }

  /// The record after one more write to its state, by a replica that knows what `record` has.
  func edited(_ record: Record, by replica: ReplicaID, to state: String, number: Int) -> Record {
    var edited = record
    edited.write(
      [(path: paths[6], content: .value(.text(state)))], as: Dot(replica, UInt64(number + 1)),
      info: WriteInfo(time: HybridTime(milliseconds: 1_760_000_100_000), author: author))
    return edited
  }

  func records(_ count: Int) -> [Record] { (0..<count).map { record($0) } }

  /// Their canonical bytes.
  func encoded(_ count: Int) -> [EncodedRecord] {
    (0..<count).map { RecordEncoder.encode(record($0)) }
  }

  /// What a first pull hands to the store.
  func incoming(_ numbers: Range<Int>) throws -> [IncomingRecord] {
    try numbers.map { number in
      let id = try id(number)
      let checked = try CheckedRecord(RecordEncoder.encode(record(number)).bytes)
      return IncomingRecord(
        id: id, checked,
        part: Fingerprint(collection: collection, id: id, record: checked.encoded))
    }
  }
}

private enum Texts {
  static let regions = [
    "Île-de-France", "Occitanie", "Bretagne", "Grand Est", "Provence-Alpes-Côte d'Azur", "Réunion",
    "الدار البيضاء-سطات", "سوس-ماسة",
  ]
  static let sectors = [
    "agroalimentaire", "énergie solaire", "textile", "numérique", "santé", "tourisme durable",
    "formation professionnelle",
  ]
  static let verbs = [
    "Création d'un atelier", "Rénovation de la coopérative", "Extension du centre de formation",
    "Modernisation de la filière locale", "Équipement du pôle technique",
  ]
  static let partners = [
    "Chambre de commerce", "Conseil régional", "Union des artisans", "Fonds européen",
    "Crédit coopératif", "Agence de l'emploi", "Association Tremplin", "وكالة التنمية",
  ]
  static let states = ["brouillon", "instruction", "accepté", "en cours", "suspendu", "clos"]
  static let words = [
    "projet", "suivi", "réunion", "bilan", "prévu", "avec", "partenaire", "dossier", "complet",
    "délai", "reporté", "budget", "validé", "visite", "équipe", "recrutement", "étude", "rapport",
  ]
  static let arabicTitles = ["إنشاء ورشة النسيج", "تجديد التعاونية الفلاحية", "توسيع مركز التكوين"]
  static let arabicWords = [
    "مشروع", "متابعة", "اجتماع", "حصيلة", "شريك", "ملف", "ميزانية", "زيارة", "فريق", "تقرير",
  ]
}
