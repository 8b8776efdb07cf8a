import OfficeSyncCommandSupport
import OfficeSyncRecords
import OfficeSyncReplication
import OfficeSyncStorage

/// The words of `verify` that people read.
enum VerifyTexts {
  // MARK: The store by itself

  static let checkingStore = "Checking the store"

  static func line(_ damage: StoreDamage) -> Prose {
    switch (damage.collection, damage.id) {
    case (let collection?, let id?): "\(id) in \(collection): \(damage.detail)."
    case (let collection?, nil): "\(collection): \(damage.detail)."
    case (nil, _): "The file: \(damage.detail)."
    }
  }

  static func localSummary(_ audit: StoreAudit) -> Prose {
    if audit.isSound { return "The store is sound; records checked: \(count(audit.records))." }
    let listed = audit.damage.count
    return listed == audit.damageCount
      ? "The store is damaged; found: \(count(audit.damageCount))."
      : "The store is damaged; found: \(count(audit.damageCount)), of which \(count(listed)) are listed."
  }

  static let rebuilt: Prose = "Indexes and sums of this store were made anew from its records."

  /// The last of it says where what is lost may come back from.
  static func salvaged(_ salvage: StoreSalvage) -> [Prose] {
    let lost = salvage.lost.sorted { $0.key.text < $1.key.text }.map { name, records -> Prose in
      "\(name): records that could not be read: \(count(records)); an office that has them sends them again."
    }
    let first: Prose =
      "Pages of the store's file cannot be read. It was made anew from the others, under a new replica ID; the old file is kept as \(salvage.replaced)."
    return [first] + lost
      + (salvage.hasGaps ? ["Parts of the history of who wrote what are lost."] : [])
  }

  // MARK: With an office

  static func comparing(_ server: NetworkAddress) -> String { "Comparing with \(server)" }

  static func line(
    _ difference: RecordDifference, _ collection: CollectionName, isRepaired: Bool
  ) -> Prose {
    let id = difference.id
    let what: Prose =
      switch (difference.here, difference.there) {
      case (.damaged, .damaged): "\(id) in \(collection) is damaged on both sides"
      case (.damaged, .missing): "\(id) in \(collection) is damaged here and missing at the office"
      case (.damaged, .sound): "\(id) in \(collection) is damaged here"
      case (.missing, .damaged): "\(id) in \(collection) is missing here and damaged at the office"
      case (.missing, _): "\(id) in \(collection) is missing here"
      case (.sound, .damaged): "\(id) in \(collection) is damaged at the office"
      case (.sound, .missing): "\(id) in \(collection) is missing at the office"
      case (.sound, .sound): "\(id) in \(collection) is another one at the office"
      }
    return isRepaired ? "\(what): made good." : "\(what)."
  }

  static func line(_ comparison: ComparisonOutcome, _ error: CommandError?) -> Prose {
    let name = comparison.collection
    if error != nil { return "\(name): not compared." }
    switch comparison.obstacle {
    case .knowledgeDiffers:
      return
        "\(name): not compared, because the two sides do not know the same writes yet; sync first."
    case .partial:
      return "\(name): not compared, because a sync was cut and is not whole yet; sync first."
    case nil: break
    }
    guard comparison.isFinished else { return "\(name): broken off." }
    let records = count(comparison.records)
    if comparison.differences.isEmpty {
      return "\(name): the same on both sides; records: \(records)."
    }
    let found = count(comparison.differences.count) + (comparison.isCut ? " and more" : "")
    return comparison.repaired == 0
      ? "\(name): records that differ: \(found), of \(records)."
      : "\(name): records that differ: \(found), of \(records); fetched again: \(count(comparison.repaired))."
  }

  private static func count(_ number: some BinaryInteger) -> String {
    Amounts.count(Int(clamping: number))
  }
}
