using System.Globalization;

namespace DeployCard.Grains.Runtimes.Kubernetes.Output;

/// <summary>A line as the platform gives it.</summary>
/// <param name="At">When it was written, UTC; null for what the platform itself says, and for what follows a carriage return.</param>
/// <param name="Text">The line.</param>
internal readonly record struct StampedLine(DateTimeOffset? At, string Text)
{
    public static StampedLine Parse(string line)
    {
        var end = line.IndexOf(' ', StringComparison.Ordinal);
        var stamp = end < 0 ? line : line[..end];
        // Nine digits of a second come, seven can be kept.
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
