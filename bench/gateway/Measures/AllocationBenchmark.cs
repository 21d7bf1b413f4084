using DeployCard.Bench.Common.Load;
using DeployCard.Bench.Common.Reports;
using DeployCard.Bench.Common.Targets;
using DeployCard.Bench.Common.Tracing;
using DeployCard.Bench.Gateway.Targets;

namespace DeployCard.Bench.Gateway.Measures;

/// <summary>Measures the bytes that a proxy allocates per prediction, and their types.</summary>
internal sealed class AllocationBenchmark : IBenchmark
{
    private const int MaxTypes = 25;
    private const int IdleSeconds = 3;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(6);

    public async Task Run(Testbed testbed, BenchOptions options, Report report, CancellationToken cancellationToken)
    {
        Report.WriteProgress("allocation");
        var measured = testbed.Targets.Where(t => t.IsDotnet).ToDictionary(t => t.Name, _ => new List<double>());
        foreach (var target in testbed.Targets.Where(t => t.IsDotnet))
            await RunLoad(target, WarmUp, report, cancellationToken);
        for (var i = 0; i < options.Rounds; i++)
        {
            foreach (var target in testbed.Targets.Where(t => t.IsDotnet))
                measured[target.Name].Add(await MeasureBytesPerRequest(target, options.Duration, report, cancellationToken));
        }

        var bare = new Spread(measured[Target.BareYarp]);
        var ours = new Spread(measured[Target.DeployCard]);
        var difference = new Spread(measured[Target.DeployCard].Zip(measured[Target.BareYarp], (o, b) => o - b));
        var table = new Table(
            $"Allocated per prediction, in bytes ({Scenario.Main.Title}; medians of {options.Rounds} rounds)",
            "",
            "bytes"
        );
        table.AddRow(Target.BareYarp, bare.ToString("N0"));
        table.AddRow(Target.DeployCard, ours.ToString("N0"));
        table.AddRow("more than bare YARP", difference.ToString("N0"));
        table.AddNote(TargetValue.AtMost("bytes more than bare YARP", 512, "N0").Evaluate(difference));
        report.WriteTable(table);
        report.WriteTable(
            await CreateTypeTable(
                testbed,
                new() { [Target.BareYarp] = bare.Median, [Target.DeployCard] = ours.Median },
                options.Duration,
                report,
                cancellationToken
            )
        );
    }

    private static async Task<double> MeasureBytesPerRequest(
        Target target,
        TimeSpan duration,
        Report report,
        CancellationToken cancellationToken
    )
    {
        await using var meter = await AllocationMeter.Attach(target.Processes.Single(), cancellationToken);
        var idle = await meter.Read(IdleSeconds, cancellationToken) / IdleSeconds;
        var load = RunLoad(target, duration, report, cancellationToken);
        var (bytes, seconds) = await meter.ReadDuring(load, cancellationToken);
        var perRequest = (bytes - (idle * seconds)) / (await load).Requests;
        Report.WriteProgress($"  {target.Name.PadRight(10)}  {perRequest:N0} bytes/request (idle: {idle:N0} bytes/s)");
        return perRequest;
    }

    private static async Task<Table> CreateTypeTable(
        Testbed testbed,
        Dictionary<string, double> totals,
        TimeSpan duration,
        Report report,
        CancellationToken cancellationToken
    )
    {
        var byTarget = new Dictionary<string, IReadOnlyDictionary<string, double>>();
        foreach (var target in testbed.Targets.Where(t => t.IsDotnet))
            byTarget[target.Name] = await TypeSampler.Sample(
                target.Processes.Single(),
                () => RunLoad(target, duration, report, cancellationToken),
                cancellationToken
            );
        double Bytes(string target, string type) => byTarget[target].GetValueOrDefault(type) * totals[target];
        double Difference(string type) => Bytes(Target.DeployCard, type) - Bytes(Target.BareYarp, type);

        var table = new Table(
            "Types with the largest differences, in bytes per prediction (sampled)",
            "type",
            Target.BareYarp,
            Target.DeployCard,
            "difference"
        );
        foreach (var type in byTarget.Values.SelectMany(t => t.Keys).Distinct().OrderByDescending(Difference).Take(MaxTypes))
            table.AddRow(type, $"{Bytes(Target.BareYarp, type):N0}", $"{Bytes(Target.DeployCard, type):N0}", $"{Difference(type):N0}");
        return table;
    }

    private static async Task<WrkResult> RunLoad(Target target, TimeSpan duration, Report report, CancellationToken cancellationToken)
    {
        var result = await Wrk.Run(target, Scenario.Main.Path, Scenario.Main.Connections, duration, cancellationToken);
        if (result.Errors > 0)
            report.RecordFailure($"allocation, {target.Name}: {result}");
        return result;
    }
}
