namespace DeployCard.Domain.Logs;

/// <summary>
/// The stored reservation of sequence numbers of a log. Lines are stored up to <see cref="LogOptions.FlushInterval"/> after they were
/// numbered, so a killed silo loses lines whose numbers a reader may have seen. If their numbers were reused, a reader that resumes
/// after them would miss the new lines. Therefore the log reserves numbers in bulk before it assigns the first of them. The next
/// activation starts after the reserved numbers, and a graceful deactivation releases the unused ones. Numbers derived from a clock
/// would need no write, but would repeat if the clocks of two machines differ.
/// </summary>
[GenerateSerializer, Alias("log-numbers"), Immutable]
public sealed record SequenceReservation
{
    /// <summary>Number of sequence numbers to reserve with one write.</summary>
    private const int ReservationSize = 100_000;

    /// <summary>
    /// Maximum number of gaps to keep. A reader that was disconnected during more crashes than this is shown too many dropped lines.
    /// </summary>
    private const int MaxGaps = 16;

    /// <summary>Highest sequence number that may have been assigned.</summary>
    [Id(0)]
    public long Reserved { get; init; }

    /// <summary>Ranges of sequence numbers that no stored line has, oldest first.</summary>
    [Id(1)]
    public IReadOnlyList<SequenceGap> Gaps { get; init; } = [];

    /// <summary>
    /// Returns the reservation for a new activation, in which <paramref name="next"/> is the first number after the stored lines.
    /// Reserved numbers from there on become a gap.
    /// </summary>
    public SequenceReservation Recover(long next) =>
        next > Reserved ? this : this with { Gaps = [.. Gaps.Append(new(next, Reserved)).TakeLast(MaxGaps)] };

    /// <summary>
    /// Returns the reservation extended for the given number of lines from <paramref name="next"/> on, and for later lines.
    /// </summary>
    public SequenceReservation Reserve(long next, int lines) => this with { Reserved = next + lines - 1 + ReservationSize };

    /// <summary>Returns the reservation without the unused numbers, of which <paramref name="next"/> is the first.</summary>
    public SequenceReservation Release(long next) => this with { Reserved = next - 1 };

    /// <summary>Returns the number of lines between two sequence numbers, exclusive of both.</summary>
    public long CountBetween(long after, long before) =>
        Math.Max(0, before - after - 1 - Gaps.Sum(gap => Math.Max(0, Math.Min(gap.Last, before - 1) - Math.Max(gap.First, after + 1) + 1)));
}

/// <summary>A range of consecutive sequence numbers without lines.</summary>
/// <param name="First">Lowest number of the range, inclusive.</param>
/// <param name="Last">Highest number of the range, inclusive.</param>
[GenerateSerializer, Alias("number-gap"), Immutable]
public sealed record SequenceGap([property: Id(0)] long First, [property: Id(1)] long Last);
