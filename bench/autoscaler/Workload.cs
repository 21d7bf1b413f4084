namespace DeployCard.Bench.Scaling;

/// <summary>One request: when it comes, to which gateway, and how long a pod works on it; seconds.</summary>
internal readonly record struct Request(double At, int Gateway, double Service);

/// <summary>The requests of a trace: arrivals at random (Poisson) within each second, service times log-normal.</summary>
internal static class Workload
{
    public static List<Request> Of(Trace trace, Arguments arguments)
    {
        var random = new Random(arguments.Seed);
        var requests = new List<Request>();
        for (var second = 0; second < trace.Rates.Count; second++)
        {
            for (var at = Exponential(random, trace.Rates[second]); at < 1; at += Exponential(random, trace.Rates[second]))
                requests.Add(new(second + at, random.Next(arguments.Gateways), ServiceTime(random, arguments)));
        }

        return requests;
    }

    /// <summary>
    /// The textbook's optimum in pod-seconds: at each moment the fewest pods that carry what is in flight when nobody waits, all of them started
    /// ahead and stopped to the moment. Nobody who does not know the future can reach it; it counts no start-up time either.
    /// </summary>
    public static double Optimum(IReadOnlyList<Request> requests, int concurrency, double end)
    {
        var changes = requests.SelectMany(r => new[] { (r.At, By: 1), (At: r.At + r.Service, By: -1) }).OrderBy(change => change.At);
        var (area, last, inFlight) = (0d, 0d, 0);
        foreach (var (at, by) in changes)
        {
            area += Math.Max(0, Math.Min(at, end) - last) * ((inFlight + concurrency - 1) / concurrency);
            (last, inFlight) = (Math.Min(at, end), inFlight + by);
        }

        return area;
    }

    private static double Exponential(Random random, double rate) =>
        rate > 0 ? -Math.Log(1 - random.NextDouble()) / rate : double.PositiveInfinity;

    private static double ServiceTime(Random random, Arguments arguments)
    {
        if (arguments.Variation <= 0)
            return arguments.Service;
        var sigma = Math.Sqrt(Math.Log(1 + (arguments.Variation * arguments.Variation)));
        var normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        return arguments.Service * Math.Exp((sigma * normal) - (sigma * sigma / 2));
    }
}
