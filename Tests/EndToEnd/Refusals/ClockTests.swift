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

    private func sync(shiftedBy seconds: Int) throws -> ProgramRun {
      try mesh.run(
        "env", "LD_PRELOAD=\(mesh.path)/clock.so", "CLOCK_SHIFT=\(seconds)",
        "\(BuiltPrograms.folder)/syncclient", "sync", "--data", "amina", "--server",
        mesh.address("rabat"), "--json")
    }

    @Test func aClockAnHourAheadIsRefusedUntilItIsSet() throws {
      try mesh.must("syncclient", "put", "--data", "amina", "projects", "A1", "title=One")
      let run = try sync(shiftedBy: 3_600)
      #expect(run.status == 77)
      #expect(try run.json["error"]?["name"]?.text == "clock-ahead")
      #expect(try run.json["error"]?["remedy"]?.text?.contains("clock") == true)
      let lines = try mesh.waitForRefusals(1, at: "rabat")
      #expect(lines.first?.contains("clock") == true)
      #expect(lines.count == 1)
      #expect(try sync(shiftedBy: 60).status == 0)
      #expect(try mesh.record("A1", in: "rabat")["fields"]?["title"]?.text == "One")
    }

    @Test func aClockOfLongAgoIsNamedAsTheCause() throws {
      let run = try sync(shiftedBy: -20 * 365 * 86_400)
      #expect(run.status == 77)
      #expect(try run.json["error"]?["name"]?.text == "certificate-not-yet-valid")
      #expect(try run.json["error"]?["message"]?.text?.contains("clock says 2") == true)
    }
  }
#endif
