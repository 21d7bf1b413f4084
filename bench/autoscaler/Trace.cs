using System.Globalization;

namespace DeployCard.Bench.Scaling;

/// <summary>Requests for each second, second by second.</summary>
internal sealed record Trace(string Name, IReadOnlyList<double> Rates)
{
    private const int Hour = 3600;

    private static readonly Trace[] BuiltIn =
    [
        Of("steady", 1800, _ => 40),
        Of("step", 1800, second => second is >= 600 and < 1200 ? 60 : 10),
        Of("spikes", Hour, second => second % 300 is >= 150 and < 170 ? 100 : 10),
        // A day in an hour.
        Of("diurnal", Hour, second => 31 - (29 * Math.Cos(2 * Math.PI * second / Hour))),
        // Twice the idle time of silence between.
        Of("on-off", Hour, second => second % 1200 < 600 ? 20 : 0),
    ];

    /// <summary>A built-in trace by its name, all of them, or one from a file.</summary>
    public static IEnumerable<Trace> Named(string name) =>
        name == "all" ? BuiltIn : [Array.Find(BuiltIn, trace => trace.Name == name) ?? Read(name)];

    private static Trace Of(string name, int seconds, Func<int, double> rate) => new(name, [.. Enumerable.Range(0, seconds).Select(rate)]);

    /// <summary>A rate holds until the next line's second; a header is passed over.</summary>
    private static Trace Read(string path)
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
