import OfficeSyncRecords
import OfficeSyncTestSupport
import Testing

/// What the offices' own collection says, where offices wrote without knowing of each other.
@Suite struct OfficeTests {
  private let device: Identity
  private let amina: Grant.Subject
  private let projects: Grant.Scope

  init() throws {
    device = try Identity("field/amina")
    amina = .identity(device)
    projects = .collection(try CollectionName("projects"))
  }

  private func grant(_ access: Access, in record: Record, by office: String) throws -> Record {
    let sheet = GrantSheet(of: amina, record)
    return try written(sheet.changes(granting: access, to: projects), to: record, by: office)
  }

  private func revoke(
    leaving access: Access, in record: Record, by office: String
  ) throws -> Record {
    let sheet = GrantSheet(of: amina, record)
    return try written(sheet.changes(leaving: access, of: projects), to: record, by: office)
  }

  private func written(
    _ changes: [Record.Change], to record: Record, by office: String
  ) throws -> Record {
    var record = record
    let replica = ReplicaID(short: office)
    if changes.isEmpty { return record }
    record.write(
      changes, as: Dot(replica, record.clock[replica] + 1), info: try WriteInfo(at: 1))
    return record
  }

  private func access(_ record: Record) -> Access {
    GrantSheet(of: amina, record).access(to: projects)
  }

  @Test func aRevocationHoldsAgainstAGrantThatDidNotKnowOfIt() throws {
    let granted = try grant(.write, in: Record(), by: "rabat")
    let revoked = try revoke(leaving: .none, in: granted, by: "rabat")
    let again = try grant(.write, in: try revoke(leaving: .none, in: granted, by: "fes"), by: "fes")
    #expect(access(granted) == .write)
    #expect(access(again) == .write)
    for merged in [try revoked.merging(again), try again.merging(revoked)] {
      #expect(access(merged) == .none)
      // Whoever has seen both may grant it anew.
      #expect(access(try grant(.read, in: merged, by: "agadir")) == .read)
    }
  }

  /// The office that revokes has not heard of the grant yet.
  @Test func aRevocationHoldsAgainstAGrantThatWasNotHeardOf() throws {
    let granted = try grant(.write, in: Record(), by: "rabat")
    let revoked = try revoke(leaving: .none, in: Record(), by: "fes")
    #expect(access(try granted.merging(revoked)) == .none)
    let narrowed = try revoke(leaving: .read, in: Record(), by: "fes")
    #expect(access(try granted.merging(narrowed)) == .read)
  }

  /// Offices may put up one each at the same time: none is lost, and their signed words say which is the newest.
  @Test func revocationListsOfTwoOfficesAreBothHeld() throws {
    let (rabatsList, issuer, fesList): ([UInt8], [UInt8], [UInt8]) = ([1, 2, 3], [7], [4])
    let rabat = try written(
      RevocationEntry.holding(rabatsList, issuer: issuer), to: Record(), by: "rabat")
    var both = try written(RevocationEntry.holding(fesList, issuer: nil), to: Record(), by: "fes")
    try both.merge(rabat)
    let id = RevocationEntry.id(ofAuthority: [0xAB, 0x01])
    #expect(id.description == "revoked/ab01")
    let entry = try #require(RevocationEntry(id, both))
    #expect(Set(entry.lists) == [rabatsList, fesList])
    #expect(entry.issuers == [issuer])
    #expect(RevocationEntry(try RecordID("grant/ab01"), both) == nil)
  }

  @Test func grantsOfTwoOfficesAreOne() throws {
    let merged = try grant(.read, in: Record(), by: "rabat")
      .merging(grant(.write, in: Record(), by: "fes"))
    #expect(access(merged) == .write)
    #expect(try grant(.write, in: merged, by: "rabat") == merged)
  }

  @Test func aSheetListsWhatStands() throws {
    var record = try grant(.write, in: Record(), by: "rabat")
    let sheet = GrantSheet(of: amina, record)
    record = try written(sheet.changes(granting: .read, to: .allCollections), to: record, by: "r")
    let id = GrantSheet.id(of: amina)
    #expect(id.description == "grant/field/amina")
    #expect(
      GrantSheet(id, record)?.grants == [
        Grant(subject: amina, scope: .allCollections, access: .read),
        Grant(subject: amina, scope: projects, access: .write),
      ])
    #expect(GrantSheet(ReplicaEntry.id(of: ReplicaID(short: "x")), record) == nil)
  }

  @Test func twoOwnersAreAConflictThatAPersonSettles() throws {
    let replica = ReplicaID(short: "laptop")
    let (amina, omar) = (device, try Identity("field/omar"))
    let first = try written(ReplicaEntry.owned(by: amina), to: Record(), by: "rabat")
    let second = try written(ReplicaEntry.owned(by: omar), to: Record(), by: "fes")
    var record = try first.merging(second)
    #expect(ReplicaEntry(of: replica, record).owners == [amina, omar])
    let conflicts = RecordView(record, schema: .office).conflicts
    #expect(conflicts.map { $0.path } == [ReplicaEntry.ownerPath])
    #expect(conflicts.first?.isOpen == true)
    record = try written(ReplicaEntry.owned(by: omar), to: record, by: "agadir")
    #expect(ReplicaEntry(of: replica, record).owners == [omar])
  }

  @Test func theFirstRetirementStays() throws {
    let replica = ReplicaID(short: "laptop")
    let entry = ReplicaEntry(of: replica, Record())
    let first = try written(entry.changes(retiredAt: 5_000), to: Record(), by: "rabat")
    let second = try written(entry.changes(retiredAt: 9_000), to: Record(), by: "fes")
    let merged = try first.merging(second)
    #expect(ReplicaEntry(of: replica, merged).retiredMilliseconds == 5_000)
    #expect(ReplicaEntry(of: replica, merged).changes(retiredAt: 1).isEmpty)
    #expect(
      ReplicaEntry(ReplicaEntry.id(of: replica), merged)?.replica == replica)
  }
}

extension Record {
  fileprivate func merging(_ other: Record) throws -> Record {
    var merged = self
    try merged.merge(other)
    return merged
  }
}
