/// What one write may hold, and what a record may grow to. A receiver never refuses a record for what merging made of
/// it; local writes are refused long before.
public enum WriteLimits {
  public static let valueBytesMax = 256 * 1_024
  public static let pathsMax = 1_024
  public static let textBytesMax = 64 * 1_024
  /// From either of these on, local writes that enlarge the record are refused.
  public static let recordBytesSoftMax = 1 << 20
  public static let recordPathsSoftMax = 16_384
  /// No record is larger, whatever merging made of it.
  public static let recordBytesMax = 16 << 20
}
