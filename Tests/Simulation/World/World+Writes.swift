import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncStorage
import OfficeSyncTestSupport

extension World {
  /// What a local write turned out to be.
  private struct Made {
    var dot: Dot
    var contents: [FieldPath: Sibling.Content]
    var isPurge = false
  }

  private func anySubject(_ random: inout SplitMix64) -> Subject {
    subject(
      Int.random(in: swarm.collections.indices, using: &random),
      Int.random(in: 1...swarm.records, using: &random))
  }

  /// The office at which the run begins declares policies.
  func writeSchema() throws {
    guard swarm.hasSchema else { return }
    for index in swarm.collections.indices {
      let subject = subject(index, 0)
      try write(at: sites[0], to: subject, through: nil) { writer, record in
        .changes(try self.paths.schema.changes(replacing: record))
      }
    }
  }

  func write(_ random: inout SplitMix64) throws {
    let site = living[Int.random(in: living.indices, using: &random)]
    let subject = anySubject(&random)
    let screen = random.oneIn(3) ? site.screens[subject.key] : nil
    let act = Int.random(in: 0..<100, using: &random)
    let edits = self.edits(&random)
    let repeated = random.oneIn(6) ? paths.plain.randomElement(using: &random) : nil
    try write(at: site, to: subject, through: act < 82 ? screen : nil) { writer, record in
      switch act {
      case ..<82:
        // Some say again what they see.
        let view = RecordView(record, schema: try writer.schema())
        let seen = repeated.flatMap { view.value(at: $0) }
        let again = repeated.flatMap { path in seen.map { [Edit.set(path, .value($0))] } }
        return try self.changes(again ?? edits, to: record, with: writer)
      case ..<90: return .changes(record.deletion)
      case ..<96: return .changes(record.undeletion)
      default:
        let mayPurge = site.isOffice && !record.fields.isEmpty
        return mayPurge ? .purge : .changes([])
      }
    }
  }

  private enum Wish {
    case changes([Record.Change])
    case purge
  }

  private func write(
    at site: Site, to subject: Subject, through screen: Site.Screen?,
    _ wish: (any RecordWriter, Record) throws -> Wish
  ) throws {
    let number = log.next
    if number == WriteSet.capacity { return }
    var made: Made?
    var crash: SimulatedCrash?
    do {
      try site.store.write(
        to: subject.collection, wallMilliseconds: site.clock.milliseconds, note: "\(number)"
      ) { writer in
        let record = try writer.record(subject.id) ?? Record()
        switch try wish(writer, record) {
        case .purge:
          made = Made(dot: try writer.purge(subject.id), contents: [:], isPurge: true)
        case .changes(let changes):
          let dot = try writer.put(subject.id, changes: changes, context: screen?.clock)
          let contents = changes.map { ($0.path, $0.content) }
          made = dot.map { Made(dot: $0, contents: Dictionary(contents) { $1 }) }
        }
      }
    } catch is EditError {
      // Beneath a deletion, or at odds with the schema.
      return
    } catch StorageError.diskFull {
      histogram.note(.diskFull)
      return
    } catch let error as SimulatedCrash {
      crash = error
    }
    if let made { try note(made, number, by: site, to: subject, through: screen) }
    if let crash { throw crash }
  }

  private func note(
    _ made: Made, _ number: Int, by site: Site, to subject: Subject, through screen: Site.Screen?
  ) throws {
    let due = Dot(site.replica, site.counters[subject.collection, default: 0] + 1)
    guard made.dot == due else {
      throw Violation("counter", "\(site.name) made \(made.dot), and \(due) was next")
    }
    var contents = made.contents
    if made.isPurge {
      // What a purge writes is worked out by the product.
      let record = try site.store.snapshot(of: subject.collection).record(subject.id)
      contents[.deleted] = record?.siblings(at: .deleted).first { $0.dot == made.dot }?.content
    }
    site.counters[subject.collection] = made.dot.counter
    _ = log.add(
      CausalLog.Write(
        key: subject.key, contents: contents,
        basedOn: screen?.seen ?? site.ghost.seen(subject.key), isPurge: made.isPurge,
        dot: made.dot, author: site.name))
    site.ghost.wrote(number, to: subject.key, in: subject.collection)
    touched.insert(site.index)
    if screen != nil { histogram.note(.staleScreen) }
    histogram.note(made.isPurge ? "write purge" : "write")
    say(
      "\(site.name) writes \(number) to \(subject.collection)/\(subject.id) as \(made.dot.counter)"
        + (screen == nil ? "" : ", through an old screen") + (made.isPurge ? " (purge)" : "")
        + ": \(contents.keys.map(\.description).sorted().joined(separator: ", "))")
  }

  // MARK: Edits

  private func edits(_ random: inout SplitMix64) -> [Edit] {
    let count = Int.random(in: 1...2, using: &random)
    return paths.plain.shuffled(using: &random).prefix(count).map { path in
      switch Int.random(in: 0..<12, using: &random) {
      case 0: return .unset(path)
      case 1,
        2 where swarm.hasSchema:
        return .add(paths.tags, .value(element(&random)))
      case 3 where swarm.hasSchema: return .remove(paths.tags, .value(element(&random)))
      case 4 where swarm.hasSchema: return .add(paths.visits, .value(.integer(1)))
      default: return .set(path, .value(value(&random)))
      }
    }
  }

  private func element(_ random: inout SplitMix64) -> Value {
    .integer(Int64.random(in: 0..<4, using: &random))
  }

  private func value(_ random: inout SplitMix64) -> Value {
    if swarm.hasLargeTexts, random.oneIn(4) {
      return .text(String(repeating: "x", count: Int.random(in: 1...20_000, using: &random)))
    }
    // Some values are equal to others.
    return .integer(Int64.random(in: 0..<9, using: &random))
  }

  private func changes(
    _ edits: [Edit], to record: Record, with writer: any RecordWriter
  ) throws -> Wish {
    let editor = RecordEditor(
      schema: try writer.schema(), replica: writer.replica.id,
      elementSegment: { $0.elementSegment })
    var failure: (any Error)?
    let changes = try editor.changes(edits, to: record) {
      do { return try writer.nextTime() } catch {
        failure = error
        return .zero
      }
    }
    if let failure { throw failure }
    return .changes(changes)
  }

  // MARK: Screens

  /// Somebody opens a record, and may write through this screen much later.
  func look(_ random: inout SplitMix64) throws {
    let site = living[Int.random(in: living.indices, using: &random)]
    let subject = anySubject(&random)
    guard
      let record = try site.store.snapshot(of: subject.collection).record(subject.id)
    else { return }
    site.screens[subject.key] = Site.Screen(
      clock: record.clock, seen: site.ghost.seen(subject.key))
  }
}
