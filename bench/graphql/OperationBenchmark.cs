using DeployCard.Bench.Common.Load;
using DeployCard.Bench.Common.Measures;
using DeployCard.Bench.Common.Reports;
using DeployCard.Bench.Common.Targets;
using DeployCard.Bench.Common.Tracing;

namespace DeployCard.Bench.GraphQL;

/// <summary>Compares requests/s, processor time and allocated bytes of one operation with the peer.</summary>
internal static class OperationBenchmark
{
    private const int Connections = 64;
    private const int IdleSeconds = 2;
    private const int MaxTypes = 25;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(6);

    /// <summary>Measures an operation and adds its tables and failures to the report.</summary>
    public static async Task Run(
        Testbed testbed,
        Operation operation,
        BenchOptions options,
        Report report,
        CancellationToken cancellationToken
    )
    {
        Report.WriteProgress(operation.Title);
        (Target Target, string Path)[] sides = [(testbed.PeerTarget, $"/{operation.Name}"), (testbed.SiloTarget, "/graphql")];
        await RunRound(WarmUp);
        var rounds = new List<Round>();
        for (var i = 0; i < options.Rounds; i++)
            rounds.Add(await RunRound(options.Duration));
        var allocated = new Dictionary<string, double>();
        foreach (var (target, path) in sides)
            allocated[target.Name] = await MeasureAllocated(target, path);
        report.WriteTable(CreateTable(operation, testbed.GetResponseBytes(operation), rounds, allocated));
        if (options.ListsTypes)
            report.WriteTable(await CreateTypeTable(allocated[Target.DeployCard]));

        async Task<Round> RunRound(TimeSpan duration)
        {
            var results = new Dictionary<string, Measurement>();
            foreach (var (target, path) in sides)
            {
                var result = results[target.Name] = await Measurement.Run(
                    target,
                    path,
                    Connections,
                    duration,
                    cancellationToken,
                    testbed.GetRequestFile(operation)
                );
                Report.WriteProgress($"  {target.Name.PadRight(14)}  {result}");
                if (result.Load.Errors > 0)
                    report.RecordFailure($"{operation.Title}, {target.Name}: {result}");
            }

            return new(results);
        }

        async Task<double> MeasureAllocated(Target target, string path)
        {
            await using var meter = await AllocationMeter.Attach(target.Processes.Single(), cancellationToken);
            var idle = await meter.Read(IdleSeconds, cancellationToken) / IdleSeconds;
            var load = RunLoad(target, path);
            var (bytes, seconds) = await meter.ReadDuring(load, cancellationToken);
            return (bytes - (idle * seconds)) / (await load).Requests;
        }

        async Task<Table> CreateTypeTable(double total)
        {
            var shares = await TypeSampler.Sample(
                testbed.SiloTarget.Processes.Single(),
                () => RunLoad(testbed.SiloTarget, "/graphql"),
                cancellationToken
            );
            var table = new Table($"{operation.Title}: types with the most bytes allocated by the silo (sampled)", "type", "bytes");
            foreach (var (type, share) in shares.OrderByDescending(s => s.Value).Take(MaxTypes))
                table.AddRow(type, $"{share * total:N0}");
            return table;
        }

        Task<WrkResult> RunLoad(Target target, string path) =>
            Wrk.Run(target, path, Connections, options.Duration, cancellationToken, testbed.GetRequestFile(operation));
    }

    private static Table CreateTable(Operation operation, long bytes, List<Round> rounds, Dictionary<string, double> allocated)
    {
        var table = new Table(
            $"{operation.Title}, {bytes:N0} bytes ({Connections} connections; medians of {rounds.Count} rounds)",
            "",
            "requests/s",
            "p50 ms",
            "p99 ms",
            "CPU, µs",
            "allocated, bytes"
        );
        foreach (var name in new[] { Testbed.Peer, Target.DeployCard })
        {
            double Median(Func<Measurement, double> value) => new Spread(rounds.Select(r => value(r.Results[name]))).Median;
            table.AddRow(
                name,
                $"{Median(m => m.Load.RequestsPerSecond):N0}",
                $"{Median(m => m.Load.P50) / 1000:0.00}",
                $"{Median(m => m.Load.P99) / 1000:0.00}",
                $"{Median(m => m.CpuPerRequest):0.0}",
                $"{allocated[name]:N0}"
            );
        }

        var ratio = new Spread(rounds.Select(r => r.RatioTo(Testbed.Peer, m => m.Load.RequestsPerSecond)));
        table.AddNote(
            operation.MinRatio is { } targetValue
                ? TargetValue.AtLeast($"requests/s relative to {Testbed.Peer}", targetValue).Evaluate(ratio)
                : $"requests/s relative to {Testbed.Peer}: {ratio.ToString("0.00")}"
        );
        return table;
    }
}
