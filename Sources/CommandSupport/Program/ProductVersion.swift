/// The version of both programs, as `--version` prints it and a session's log shows it.
public let productVersion = "0.1.0"
