extension Array {
  /// The first index from which on `belongsAbove` holds, by halving; the end if it holds nowhere.
  ///
  /// The array must be sorted so that it holds for no element before one for which it does not. O(log n).
  func partitioningIndex(where belongsAbove: (Element) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if belongsAbove(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
