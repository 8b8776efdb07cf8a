#if os(Linux)
  import Foundation
  import OfficeSyncRecords
  import OfficeSyncTestSupport
  import Testing

  /// A device whose clock was set wrong.
  @Suite struct ClockTests {
    private let mesh: Mesh

    init() throws {
      mesh = try Mesh()
      try mesh.office("rabat")
      try mesh.device("amina")
      try mesh.grant("field/amina", "projects", at: "rabat")
      try mesh.folder.write(Self.shiftedClock, to: "clock.c")
      // The compiler comes with Swift. (libfaketime moves the environment, in which Swift looks for the arguments.)
      try mesh.must("clang", "-shared", "-fPIC", "-o", "clock.so", "clock.c")
      try mesh.start("rabat")
    }

    private static let shiftedClock = """
      #define _GNU_SOURCE
      #include <stdlib.h>
      #include <sys/syscall.h>
      #include <sys/time.h>
      #include <time.h>
      #include <unistd.h>
      int clock_gettime(clockid_t id, struct timespec *t) {
        int result = syscall(SYS_clock_gettime, id, t);
        if (id == CLOCK_REALTIME) t->tv_sec += atol(getenv("CLOCK_SHIFT"));
        return result;
      }
      int gettimeofday(struct timeval *restrict t, void *restrict zone) {
        struct timespec now;
        int result = clock_gettime(CLOCK_REALTIME, &now);
        t->tv_sec = now.tv_sec;
        t->tv_usec = now.tv_nsec / 1000;
        return result;
      }
      time_t time(time_t *t) {
        struct timespec now;
        clock_gettime(CLOCK_REALTIME, &now);
        if (t) *t = now.tv_sec;
        return now.tv_sec;
      }
      """

    private func run(shiftedBy seconds: Int, _ arguments: String...) throws -> ProgramRun {
      let words =
        ["LD_PRELOAD=\(mesh.path)/clock.so", "CLOCK_SHIFT=\(seconds)"]
        + ["\(BuiltPrograms.folder)/syncclient"] + arguments + ["--data", "amina", "--json"]
      return try BuiltPrograms.run("env", words, in: mesh.path)
    }

    private func sync(shiftedBy seconds: Int) throws -> ProgramRun {
      try run(shiftedBy: seconds, "sync", "--server", mesh.address("rabat"))
    }

    @Test func aClockAnHourAheadMayPullAndItsWritesWait() throws {
      try mesh.must("syncclient", "put", "--data", "amina", "projects", "A1", "title=One")
      try mesh.must("syncclient", "put", "--data", "rabat", "projects", "B1", "title=Two")
      let run = try sync(shiftedBy: 3_600)
      #expect(run.status == 77)
      let error = try #require(try run.json["error"])
      #expect(error["name"]?.text == "clock-ahead")
      #expect(error["message"]?.text?.matches(of: /\d\d\d\d-\d\d-\d\dT/).count == 2)
      #expect(error["remedy"]?.text?.contains("clock") == true)
      #expect(try mesh.record("B1", in: "amina")["fields"]?["title"]?.text == "Two")
      #expect(try mesh.run("syncclient", "get", "--data", "rabat", "projects", "A1").status == 1)
      #expect(try sync(shiftedBy: 60).status == 0)
      #expect(try mesh.record("A1", in: "rabat")["fields"]?["title"]?.text == "One")
    }

    /// The whole way of a laptop that came back from the repair years ahead.
    @Test("Acceptance 6: a clock in 2040 (syncany#515)")
    func aClockYearsAheadIsSetRightAndItsWritesWithIt() throws {
      let years = 14 * 365 * 86_400
      for n in 1...3 {
        #expect(try run(shiftedBy: years, "put", "projects", "A\(n)", "title=v\(n)").status == 0)
      }
      let expired = try sync(shiftedBy: years)
      #expect(expired.status == 77)
      #expect(try expired.json["error"]?["remedy"]?.text?.contains("clock") == true)
      // Days ahead the certificates still hold: the office says what is wrong.
      #expect(try run(shiftedBy: 86_400, "put", "projects", "A4", "title=v4").status == 0)
      let early = try sync(shiftedBy: 86_400)
      #expect(try early.json["error"]?["name"]?.text == "clock-ahead")
      let status = try run(shiftedBy: 0, "status")
      #expect(try status.json["timesToCome"]?.items?.count == 1)

      let done = try sync(shiftedBy: 0)
      #expect(done.status == 0)
      #expect(try done.json["collections"]?.items?.first?["inSync"] == .boolean(true))
      #expect(try run(shiftedBy: 0, "status").json["timesToCome"]?.items?.isEmpty == true)
      // Two see the same field: what the office writes now is the later write, and shows.
      try mesh.must("syncclient", "put", "--data", "amina", "projects", "A1", "title=laptop")
      try mesh.must("syncclient", "put", "--data", "rabat", "projects", "A1", "title=office")
      #expect(try sync(shiftedBy: 0).status == 0)
      #expect(try mesh.record("A1", in: "rabat")["fields"]?["title"]?.text == "office")
      #expect(try mesh.record("A1", in: "amina")["fields"]?["title"]?.text == "office")
    }

    /// Nine minutes ahead, and set to less than five: what was sent before the rest of the way keeps its time.
    @Test func whatWasSentKeepsItsTimeAndWaitsForIt() throws {
      let (store, address) = ("amina", mesh.address("rabat"))
      #expect(try run(shiftedBy: 540, "put", "projects", "A1", "title=early").status == 0)
      let sent = try sync(shiftedBy: 270)
      #expect(sent.status == 0)
      #expect(try sent.json["collections"]?.items?.first?["deferred"]?.int == 1)
      let told = try mesh.run("syncclient", "sync", "--data", store, "--server", address)
      #expect(told.status == 0)
      #expect(told.errors.contains("Writes in projects bear times up to 20"))
      #expect(told.errors.matches(of: /\d\d\d\d-\d\d-\d\dT/).count == 2)
      #expect(try mesh.run("syncclient", "get", "--data", "rabat", "projects", "A1").status == 1)

      try mesh.must("syncclient", "put", "--data", store, "projects", "A1", "title=due")
      let done = try mesh.run("syncclient", "sync", "--data", store, "--server", address)
      #expect(done.status == 0)
      #expect(!done.errors.contains("bear times"))
      #expect(try mesh.record("A1", in: "rabat")["fields"]?["title"]?.text == "due")
    }

    /// A clock that stands years behind ages nothing that was written before, nor what is written meanwhile.
    @Test("Acceptance 6: a clock in 2001 (syncany#515)")
    func aClockOfLongAgoTakesNoWriteBack() throws {
      let past = -25 * 365 * 86_400
      for id in ["A1", "A2"] {
        try mesh.must("syncclient", "put", "--data", "rabat", "projects", id, "title=office")
      }
      try mesh.must("syncclient", "put", "--data", "amina", "projects", "A1", "title=laptop")
      let put = try run(shiftedBy: past, "put", "projects", "A2", "title=laptop")
      #expect(put.status == 0)
      #expect(try sync(shiftedBy: past).status == 77)
      #expect(try sync(shiftedBy: 0).status == 0)
      for id in ["A1", "A2"] {
        #expect(try mesh.record(id, in: "rabat")["fields"]?["title"]?.text == "laptop")
      }
      #expect(try mesh.client("conflicts", "--data", "rabat", "--check").status == 0)
    }

    @Test func aClockOfLongAgoIsNamedAsTheCause() throws {
      let run = try sync(shiftedBy: -20 * 365 * 86_400)
      #expect(run.status == 77)
      #expect(try run.json["error"]?["name"]?.text == "certificate-not-yet-valid")
      #expect(try run.json["error"]?["message"]?.text?.contains("clock says 2") == true)
    }
  }
#endif
