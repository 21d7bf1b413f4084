using DeployCard.Bench.Common.Load;
using DeployCard.Bench.Common.Reports;
using DeployCard.Bench.Common.Targets;
using DeployCard.Bench.Common.Tracing;
using DeployCard.Bench.Gateway.Targets;

namespace DeployCard.Bench.Gateway.Measures;

/// <summary>Bytes that a proxy allocates for one prediction, and of which types.</summary>
internal sealed class AllocationBenchmark : IBenchmark
{
    private const int MostTypes = 25;
    private const int IdleSeconds = 3;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(6);

    public async Task Run(Stage stage, BenchOptions options, Report report, CancellationToken cancellationToken)
    {
        Report.Progress("allocation");
        var measured = stage.Targets.Where(t => t.IsDotnet).ToDictionary(t => t.Name, _ => new List<double>());
        foreach (var target in stage.Targets.Where(t => t.IsDotnet))
            await Load(target, WarmUp, report, cancellationToken);
        for (var i = 0; i < options.Rounds; i++)
        {
            foreach (var target in stage.Targets.Where(t => t.IsDotnet))
                measured[target.Name].Add(await BytesPerRequest(target, options.Duration, report, cancellationToken));
        }

        var bare = new Spread(measured[Target.BareYarp]);
        var ours = new Spread(measured[Target.DeployCard]);
        var beyond = new Spread(measured[Target.DeployCard].Zip(measured[Target.BareYarp], (o, b) => o - b));
        var table = new Table(
            $"Allocated for one prediction, in bytes ({Scenario.Bar.Title}; medians of {options.Rounds} rounds)",
            "",
            "bytes"
        );
        table.Add(Target.BareYarp, bare.ToString("N0"));
        table.Add(Target.DeployCard, ours.ToString("N0"));
        table.Add("beyond bare YARP", beyond.ToString("N0"));
        table.Note(Bar.AtMost("bytes beyond bare YARP", 512, "N0").Judge(beyond));
        report.Add(table);
        report.Add(
            await Types(
                stage,
                new() { [Target.BareYarp] = bare.Median, [Target.DeployCard] = ours.Median },
                options.Duration,
                report,
                cancellationToken
            )
        );
    }

    private static async Task<double> BytesPerRequest(Target target, TimeSpan duration, Report report, CancellationToken cancellationToken)
    {
        await using var meter = await AllocationMeter.Attach(target.Processes.Single(), cancellationToken);
        var idle = await meter.Read(IdleSeconds, cancellationToken) / IdleSeconds;
        var load = Load(target, duration, report, cancellationToken);
        var (bytes, seconds) = await meter.ReadDuring(load, cancellationToken);
        var perRequest = (bytes - (idle * seconds)) / (await load).Requests;
        Report.Progress($"  {target.Name.PadRight(10)}  {perRequest:N0} bytes/request (idle: {idle:N0} bytes/s)");
        return perRequest;
    }

    private static async Task<Table> Types(
        Stage stage,
        Dictionary<string, double> totals,
        TimeSpan duration,
        Report report,
        CancellationToken cancellationToken
    )
    {
        var byTarget = new Dictionary<string, IReadOnlyDictionary<string, double>>();
        foreach (var target in stage.Targets.Where(t => t.IsDotnet))
            byTarget[target.Name] = await TypeSampler.Sample(
                target.Processes.Single(),
                () => Load(target, duration, report, cancellationToken),
                cancellationToken
            );
        double Bytes(string target, string type) => byTarget[target].GetValueOrDefault(type) * totals[target];
        double Beyond(string type) => Bytes(Target.DeployCard, type) - Bytes(Target.BareYarp, type);

        var table = new Table(
            "The types with the largest differences, in bytes for one prediction (sampled)",
            "type",
            Target.BareYarp,
            Target.DeployCard,
            "beyond"
        );
        foreach (var type in byTarget.Values.SelectMany(t => t.Keys).Distinct().OrderByDescending(Beyond).Take(MostTypes))
            table.Add(type, $"{Bytes(Target.BareYarp, type):N0}", $"{Bytes(Target.DeployCard, type):N0}", $"{Beyond(type):N0}");
        return table;
    }

    private static async Task<WrkResult> Load(Target target, TimeSpan duration, Report report, CancellationToken cancellationToken)
    {
        var result = await Wrk.Run(target, Scenario.Bar.Path, Scenario.Bar.Connections, duration, cancellationToken);
        if (result.Errors > 0)
            report.Fail($"allocation, {target.Name}: {result}");
        return result;
    }
}
