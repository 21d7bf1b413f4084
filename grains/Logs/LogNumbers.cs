namespace DeployCard.Grains.Logs;

/// <summary>
/// What is stored of how the lines of a log are numbered. Lines are stored up to a second after they were given, so those of a silo that is killed
/// are lost though somebody has seen their numbers. Were the numbers used again, who reads behind the last one it saw would miss lines. So numbers
/// are reserved, many at a time, before the first of them is given: whoever comes next begins behind the reserved ones. An orderly end gives
/// back what was not used. A clock could do the same without a write, but not when those of two machines differ.
/// </summary>
[GenerateSerializer, Alias("log-numbers"), Immutable]
public sealed record LogNumbers
{
    /// <summary>How many are reserved at a time: one write for so many lines.</summary>
    private const int AtOnce = 100_000;

    /// <summary>Gaps that are remembered. Without them too many lines would be told as left out, to a reader that was away for as many deaths.</summary>
    private const int MostGaps = 16;

    /// <summary>Up to this one, numbers may have been given.</summary>
    [Id(0)]
    public long Reserved { get; init; }

    /// <summary>Numbers that no line has any more, or ever had, oldest first.</summary>
    [Id(1)]
    public IReadOnlyList<NumberGap> Gaps { get; init; } = [];

    /// <summary>As it is for one that comes up where the next number after the stored lines is <paramref name="next"/>.</summary>
    public LogNumbers TakenOver(long next) =>
        next > Reserved ? this : this with { Gaps = [.. Gaps.Append(new(next, Reserved)).TakeLast(MostGaps)] };

    /// <summary>With numbers reserved for so many lines and more that begin with <paramref name="next"/>.</summary>
    public LogNumbers For(long next, int lines) => this with { Reserved = next + lines - 1 + AtOnce };

    /// <summary>With those given back that were not used, of which <paramref name="next"/> is the first.</summary>
    public LogNumbers UpTo(long next) => this with { Reserved = next - 1 };

    /// <summary>How many lines there were between two numbers, without both.</summary>
    public long Between(long after, long before) =>
        Math.Max(0, before - after - 1 - Gaps.Sum(gap => Math.Max(0, Math.Min(gap.Last, before - 1) - Math.Max(gap.First, after + 1) + 1)));
}

/// <summary>Some numbers, one behind the other.</summary>
/// <param name="First">The lowest.</param>
/// <param name="Last">The highest.</param>
[GenerateSerializer, Alias("number-gap"), Immutable]
public sealed record NumberGap([property: Id(0)] long First, [property: Id(1)] long Last);
