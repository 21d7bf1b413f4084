using CsCheck;
using DeployCard.Contracts.Configuration;
using DeployCard.Domain.Autoscaling;

namespace DeployCard.Grains.Tests.Autoscaling;

/// <summary>Invariants of the autoscaler for random loads.</summary>
public sealed class AutoscalerPropertyTests
{
    private static readonly DateTimeOffset Begin = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly Gen<DeploymentConfiguration> Configurations =
        from range in Gen.Select(Gen.Int[0, 12], Gen.Int[0, 12], (a, b) => new PodsRange(Math.Min(a, b), Math.Max(a, b)))
        from target in Gen.OneOf(
            Gen.Const(0d),
            Gen.Double[0.1, 5],
            Gen.Int[1, 8].Select(n => n / 10d),
            Gen.Int[1, 20].Select(n => (double)n)
        )
        from concurrency in Gen.Int[0, 8]
        from delay in Gen.Int[0, 120]
        from idle in Gen.Int[10, 400]
        select new DeploymentConfiguration
        {
            Pods = range,
            TargetConcurrency = target,
            Concurrency = concurrency,
            ScaleDownDelay = TimeSpan.FromSeconds(delay),
            IdleTimeout = TimeSpan.FromSeconds(idle),
        };

    private static readonly Gen<LoadSnapshot> Loads =
        from now in Gen.Select(Gen.Int[0, 60], Gen.OneOf(Gen.Const(0), Gen.Int[0, 60]))
        from averages in Gen.Select(Gen.Double[0, 60], Gen.Double[0, 60], Gen.OneOf(Gen.Const(0d), Gen.Double[0, 60]))
        from seconds in Gen.Int[0, 500]
        select new LoadSnapshot(
            now.Item1,
            now.Item2,
            averages.Item1,
            averages.Item2,
            averages.Item3,
            Begin.AddSeconds(-seconds),
            TimeSpan.FromSeconds(seconds)
        );

    private static readonly Gen<ScalingInput> Inputs =
        from configuration in Configurations
        from load in Loads
        from pods in Gen.Select(Gen.Int[0, 14], Gen.Int[0, 14])
        from past in Gen.Select(Gen.Int[0, 14], Gen.Int[-60, 60], Gen.Int[0, 5], Gen.Bool)
        from cap in Gen.Int[1, 20]
        select new ScalingInput
        {
            Options = new(),
            Configuration = configuration,
            PodLimit = cap,
            Load = load,
            CurrentPods = pods.Item1,
            ReadyPods = Math.Min(pods.Item1, pods.Item2),
            RecentPeak = past.Item1,
            ScaleDownBlockedUntil = Begin.AddSeconds(past.Item2),
            LastScaleDownAt = Begin.AddSeconds(-past.Item3),
            IsWarmingUp = past.Item4,
            Now = Begin,
        };

    /// <summary>Generator of gateways: a constant load, and a repeating sequence of seconds between the reports.</summary>
    private static readonly Gen<(int InFlight, int Waiting, double[] Intervals)> Gateways = Gen.Select(
        Gen.Int[0, 9],
        Gen.OneOf(Gen.Const(0), Gen.Int[0, 3]),
        Gen.Double[0.05, 9.9].Array[1, 6]
    );

    [Fact]
    public void Number_of_pods_is_within_its_limits_and_has_a_reason() =>
        Inputs.Sample(
            input =>
            {
                var decision = ScalingPolicy.Decide(input);
                var ceiling = input.Configuration.Pods.GetEffectiveMax(input.PodLimit);
                decision.Pods.ShouldBeInRange(Math.Min(input.Configuration.Pods.Min, ceiling), ceiling);
                decision.RequiredPods.ShouldBeLessThanOrEqualTo(ceiling);
                decision.Reason.ShouldStartWith(decision.Pods == 1 ? "1 pod: " : $"{decision.Pods} pods: ");
                decision.Reason.Length.ShouldBeGreaterThan("10 pods: ".Length);
            },
            iter: 10_000
        );

    [Fact]
    public void More_load_never_needs_fewer_pods() =>
        Gen.Select(Inputs, Gen.Int[0, 20], Gen.Int[0, 20], Gen.Double[0, 20], Gen.Double[0, 20])
            .Sample(
                (input, inFlight, waiting, stable, panic) =>
                {
                    var load = input.Load;
                    var more = load with
                    {
                        InFlight = load.InFlight + inFlight,
                        Waiting = load.Waiting + waiting,
                        StableInFlight = load.StableInFlight + stable,
                        PanicInFlight = load.PanicInFlight + panic,
                    };
                    ScalingPolicy.Decide(input with { Load = more }).Pods.ShouldBeGreaterThanOrEqualTo(ScalingPolicy.Decide(input).Pods);
                },
                iter: 10_000
            );

    [Fact]
    public void Pods_never_scale_to_zero_with_a_request_within_the_idle_time() =>
        Inputs.Sample(
            input =>
            {
                var isWanted = input.Load.Total > 0 || input.Now - input.Load.LastActivityAt < input.Configuration.IdleTimeout;
                if (isWanted)
                    ScalingPolicy.Decide(input).Pods.ShouldBeGreaterThan(0);
            },
            iter: 10_000
        );

    [Fact]
    public void Constant_load_never_removes_and_adds_pods() =>
        Gen.Select(Configurations, Gateways.Array[1, 5], Gen.Int[0, 3])
            .Sample(
                (configuration, gateways, startup) =>
                {
                    var run = new Run(configuration, gateways, TimeSpan.FromSeconds(startup * 10));
                    var decisions = run.For(TimeSpan.FromMinutes(6));
                    // The number may rise while gateways send their first reports. After that, a constant load has one correct number.
                    decisions.Zip(decisions.Skip(1)).ShouldAllBe(pair => pair.First <= pair.Second);
                    decisions[^1].ShouldBe(decisions[decisions.Count / 2]);
                },
                iter: 300
            );

    [Fact]
    public void Constant_load_scales_adopted_pods_down_once() =>
        Gen.Select(Configurations, Gateways.Array[1, 5], Gen.Int[0, 14])
            .Sample(
                (configuration, gateways, adopted) =>
                {
                    var run = new Run(configuration, gateways, TimeSpan.Zero);
                    run.Autoscaler.Adopt(adopted, Begin);
                    var decisions = run.For(TimeSpan.FromMinutes(10));
                    decisions[^1].ShouldBe(decisions[decisions.Count * 9 / 10]);
                    var changes = decisions.Zip(decisions.Skip(1), (a, b) => Math.Sign(b - a)).Where(step => step != 0).ToList();
                    // First up, if the load needs more pods than were adopted; after that only down.
                    changes.SkipWhile(step => step > 0).ShouldAllBe(step => step < 0);
                },
                iter: 300
            );

    [Fact]
    public void Gateway_without_reports_no_longer_counts() =>
        Gen.Select(Configurations, Gateways.Array[1, 5])
            .Sample(
                (configuration, gateways) =>
                {
                    var run = new Run(configuration, gateways, TimeSpan.Zero);
                    run.For(TimeSpan.FromMinutes(1));
                    var later = run.Now + TimeSpan.FromMinutes(1) + new AutoscalerOptions().ReportTimeout;
                    var load = run.Autoscaler.Load.GetSnapshot(later);
                    load.Total.ShouldBe(0);
                    load.StableInFlight.ShouldBe(0);
                    run.Autoscaler.Load.GetBusyPods(later).ShouldBeEmpty();
                },
                iter: 300
            );

    [Fact]
    public void Average_of_a_constant_load_is_that_constant() =>
        Gen.Select(Gateways.Array[1, 5], Gen.Double[61, 300])
            .Sample(
                (gateways, seconds) =>
                {
                    var run = new Run(new(), gateways, TimeSpan.Zero);
                    run.For(TimeSpan.FromSeconds(seconds));
                    var load = run.Autoscaler.Load.GetSnapshot(run.Now);
                    load.Total.ShouldBe(gateways.Sum(g => g.InFlight + g.Waiting));
                    load.PanicInFlight.ShouldBe(load.InFlight, 1e-6);
                    load.PanicWaiting.ShouldBe(load.Waiting, 1e-6);
                    if (seconds > 80)
                        load.StableInFlight.ShouldBe(load.InFlight, 1e-6);
                },
                iter: 300
            );

    /// <summary>
    /// Gateways that report a constant load, each at its own intervals, and an autoscaler that decides every two seconds.
    /// </summary>
    private sealed class Run(
        DeploymentConfiguration configuration,
        (int InFlight, int Waiting, double[] Intervals)[] gateways,
        TimeSpan startup
    )
    {
        private const int Cap = 14;
        private static readonly TimeSpan DecisionInterval = TimeSpan.FromSeconds(2);

        private readonly PriorityQueue<(int Gateway, int Count), DateTimeOffset> reports = new(
            gateways.Select((gateway, i) => ((i, 0), Begin.AddSeconds(gateway.Intervals[0])))
        );

        private readonly List<(DateTimeOffset ReadyAt, int Pods)> starts = [];
        private DateTimeOffset nextDecisionAt = Begin;

        public Autoscaler Autoscaler { get; } = new(new());

        public DateTimeOffset Now { get; private set; } = Begin;

        public List<int> For(TimeSpan time)
        {
            var decisions = new List<int>();
            var end = Now + time;
            while (Now < end)
            {
                if (reports.TryPeek(out _, out var due) && due < nextDecisionAt)
                    Report(due);
                else
                    decisions.Add(Decide());
            }

            return decisions;
        }

        private void Report(DateTimeOffset at)
        {
            Now = at;
            var (i, count) = reports.Dequeue();
            var (inFlight, waiting, intervals) = gateways[i];
            Autoscaler.RecordReport(new($"gateway-{i}", at, inFlight, waiting, Begin.AddDays(-1), []), at);
            reports.Enqueue((i, count + 1), at.AddSeconds(intervals[count % intervals.Length]));
        }

        private int Decide()
        {
            (Now, nextDecisionAt) = (nextDecisionAt, nextDecisionAt + DecisionInterval);
            var ready = starts.LastOrDefault(s => s.ReadyAt <= Now).Pods;
            var pods = Autoscaler.Decide(configuration, Math.Min(ready, Autoscaler.CurrentPods), Cap, Now).Pods;
            starts.Add((Now + startup, pods));
            return pods;
        }
    }
}
