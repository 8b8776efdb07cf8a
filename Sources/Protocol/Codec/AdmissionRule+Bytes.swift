import OfficeSyncRecords

extension AdmissionRule {
  /// Whether it is certain, without a look at the record's fields, that ``judge(_:id:held:)`` takes it as it is where there is no
  /// record of that ID yet.
  public func admitsUnseen(_ checked: CheckedRecord, id: RecordID) -> Bool {
    switch (self, checked) {
    case (.relayed, .plain): true
    case (.relayed, .whole(let record, _)): record.fields.allSatisfy { $0.withheld.isEmpty }
    case (.own(let replicas, let author, let timeMax), .plain(let plain)):
      !id.isReserved && plain.latest <= timeMax && plain.isWhollyBy(author)
        && plain.clock.entries.allSatisfy { replicas.contains($0.replica) }
    case (.own, .whole): false
    }
  }
}
