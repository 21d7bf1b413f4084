using DeployCard.Bench.Common.Load;
using DeployCard.Bench.Common.Measures;
using DeployCard.Bench.Common.Reports;
using DeployCard.Bench.Common.Targets;
using DeployCard.Bench.Common.Tracing;

namespace DeployCard.Bench.GraphQL;

/// <summary>Requests/s, processor time and allocated bytes of one operation, beside the peer.</summary>
internal static class OperationBenchmark
{
    private const int Connections = 64;
    private const int IdleSeconds = 2;
    private const int MostTypes = 25;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(6);

    public static async Task Run(Stage stage, Operation operation, BenchOptions options, Report report, CancellationToken cancellationToken)
    {
        Report.Progress(operation.Title);
        (Target Target, string Path)[] sides = [(stage.Bare, $"/{operation.Name}"), (stage.Ours, "/graphql")];
        await RunRound(WarmUp);
        var rounds = new List<Round>();
        for (var i = 0; i < options.Rounds; i++)
            rounds.Add(await RunRound(options.Duration));
        var allocated = new Dictionary<string, double>();
        foreach (var (target, path) in sides)
            allocated[target.Name] = await Allocated(target, path);
        report.Add(TableOf(operation, stage.AnswerBytes(operation), rounds, allocated));
        if (options.Types)
            report.Add(await Types(allocated[Target.DeployCard]));

        async Task<Round> RunRound(TimeSpan duration)
        {
            var results = new Dictionary<string, Measurement>();
            foreach (var (target, path) in sides)
            {
                var result = results[target.Name] = await Measurement.Take(
                    target,
                    path,
                    Connections,
                    duration,
                    cancellationToken,
                    stage.RequestFile(operation)
                );
                Report.Progress($"  {target.Name.PadRight(14)}  {result}");
                if (result.Load.Errors > 0)
                    report.Fail($"{operation.Title}, {target.Name}: {result}");
            }

            return new(results);
        }

        async Task<double> Allocated(Target target, string path)
        {
            await using var meter = await AllocationMeter.Attach(target.Processes.Single(), cancellationToken);
            var idle = await meter.Read(IdleSeconds, cancellationToken) / IdleSeconds;
            var load = Load(target, path);
            var (bytes, seconds) = await meter.ReadDuring(load, cancellationToken);
            return (bytes - (idle * seconds)) / (await load).Requests;
        }

        async Task<Table> Types(double total)
        {
            var shares = await TypeSampler.Sample(stage.Ours.Processes.Single(), () => Load(stage.Ours, "/graphql"), cancellationToken);
            var table = new Table($"{operation.Title}: the types that the silo allocates most of (sampled)", "type", "bytes");
            foreach (var (type, share) in shares.OrderByDescending(s => s.Value).Take(MostTypes))
                table.Add(type, $"{share * total:N0}");
            return table;
        }

        Task<WrkResult> Load(Target target, string path) =>
            Wrk.Run(target, path, Connections, options.Duration, cancellationToken, stage.RequestFile(operation));
    }

    private static Table TableOf(Operation operation, long bytes, List<Round> rounds, Dictionary<string, double> allocated)
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
        foreach (var name in new[] { Stage.Peer, Target.DeployCard })
        {
            double Median(Func<Measurement, double> value) => new Spread(rounds.Select(r => value(r.Results[name]))).Median;
            table.Add(
                name,
                $"{Median(m => m.Load.RequestsPerSecond):N0}",
                $"{Median(m => m.Load.P50) / 1000:0.00}",
                $"{Median(m => m.Load.P99) / 1000:0.00}",
                $"{Median(m => m.Processor):0.0}",
                $"{allocated[name]:N0}"
            );
        }

        var ratio = new Spread(rounds.Select(r => r.Against(Stage.Peer, m => m.Load.RequestsPerSecond)));
        table.Note(
            operation.Bar is { } bar
                ? Bar.AtLeast($"requests/s of {Stage.Peer}'s", bar).Judge(ratio)
                : $"requests/s of {Stage.Peer}'s: {ratio.ToString("0.00")}"
        );
        return table;
    }
}
