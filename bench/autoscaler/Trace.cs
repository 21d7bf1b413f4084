using System.Globalization;

namespace DeployCard.Bench.Scaling;

/// <summary>Request rates over time.</summary>
/// <param name="Name">Name of the trace.</param>
/// <param name="Rates">Mean number of requests per second, for each second of the trace.</param>
internal sealed record Trace(string Name, IReadOnlyList<double> Rates)
{
    private const int Hour = 3600;

    private static readonly Trace[] BuiltIn =
    [
        Create("steady", 1800, _ => 40),
        Create("step", 1800, second => second is >= 600 and < 1200 ? 60 : 10),
        Create("spikes", Hour, second => second % 300 is >= 150 and < 170 ? 100 : 10),
        // A day, compressed into an hour.
        Create("diurnal", Hour, second => 31 - (29 * Math.Cos(2 * Math.PI * second / Hour))),
        // Each pause is 600 s, twice the default idle time before scaling to zero.
        Create("on-off", Hour, second => second % 1200 < 600 ? 20 : 0),
    ];

    /// <summary>Returns the built-in trace with a name, all built-in traces for <c>all</c>, or the trace from a file.</summary>
    public static IEnumerable<Trace> Find(string name) =>
        name == "all" ? BuiltIn : [Array.Find(BuiltIn, trace => trace.Name == name) ?? ReadFile(name)];

    private static Trace Create(string name, int seconds, Func<int, double> rate) =>
        new(name, [.. Enumerable.Range(0, seconds).Select(rate)]);

    /// <summary>Reads a trace from a file. A rate applies until the second of the next line. A header is skipped.</summary>
    private static Trace ReadFile(string path)
    {
        var points = File.ReadLines(path)
            .Select(line => line.Split(','))
            .Where(cells => cells.Length == 2 && int.TryParse(cells[0], CultureInfo.InvariantCulture, out _))
            .Select(cells =>
                (Second: int.Parse(cells[0], CultureInfo.InvariantCulture), Rate: double.Parse(cells[1], CultureInfo.InvariantCulture))
            )
            .ToList();
        var rates = new List<double>();
        foreach (var (point, next) in points.Zip([.. points.Skip(1), (Second: points[^1].Second + 1, Rate: 0d)]))
            rates.AddRange(Enumerable.Repeat(point.Rate, next.Second - point.Second));
        return new(Path.GetFileNameWithoutExtension(path), rates);
    }
}
