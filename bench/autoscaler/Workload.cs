namespace DeployCard.Bench.Scaling;

/// <summary>A request of the simulated workload.</summary>
/// <param name="At">Time of arrival, in seconds from the start of the trace.</param>
/// <param name="Gateway">Index of the gateway that receives the request.</param>
/// <param name="Service">Service time, in seconds.</param>
internal readonly record struct Request(double At, int Gateway, double Service);

/// <summary>Generates the requests of a trace, with Poisson arrivals within each second and log-normal service times.</summary>
internal static class Workload
{
    /// <summary>Generates the requests, in the order of their arrival.</summary>
    public static List<Request> CreateRequests(Trace trace, Arguments arguments)
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
    /// Returns the theoretical optimum in pod-seconds: at any time the minimum number of pods that process all requests without waiting,
    /// started in advance and stopped immediately, without start-up time. Only an autoscaler that knows the future could reach this number.
    /// </summary>
    public static double ComputeOptimum(IReadOnlyList<Request> requests, int concurrency, double end)
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
