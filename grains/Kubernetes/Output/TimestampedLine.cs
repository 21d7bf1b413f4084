using System.Globalization;

namespace DeployCard.Kubernetes.Output;

/// <summary>Line of the log API, with its timestamp split off.</summary>
/// <param name="At">
/// Time at which the line was written, UTC; null for a message of Kubernetes or a part of a line after a carriage return.
/// </param>
/// <param name="Text">Text of the line, without the timestamp.</param>
internal readonly record struct TimestampedLine(DateTimeOffset? At, string Text)
{
    /// <summary>Parses a line that normally begins with an RFC 3339 timestamp.</summary>
    public static TimestampedLine Parse(string line)
    {
        var end = line.IndexOf(' ', StringComparison.Ordinal);
        var stamp = end < 0 ? line : line[..end];
        // The timestamp has nanoseconds; DateTimeOffset keeps 100 ns.
        return DateTimeOffset.TryParse(
            stamp,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out var at
        )
            ? new(at, end < 0 ? "" : line[(end + 1)..])
            : new(null, line);
    }
}
