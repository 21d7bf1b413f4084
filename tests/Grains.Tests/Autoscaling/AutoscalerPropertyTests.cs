using CsCheck;
using DeployCard.Grains.Autoscaling;
using DeployCard.Grains.Deployments;

namespace DeployCard.Grains.Tests.Autoscaling;

/// <summary>What holds for every load.</summary>
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

    private static readonly Gen<LoadFigures> Loads =
        from now in Gen.Select(Gen.Int[0, 60], Gen.OneOf(Gen.Const(0), Gen.Int[0, 60]))
        from averages in Gen.Select(Gen.Double[0, 60], Gen.Double[0, 60], Gen.OneOf(Gen.Const(0d), Gen.Double[0, 60]))
        from seconds in Gen.Int[0, 500]
        select new LoadFigures(
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
            Cap = cap,
            Load = load,
            Present = pods.Item1,
            Ready = Math.Min(pods.Item1, pods.Item2),
            Held = past.Item1,
            BurstUntil = Begin.AddSeconds(past.Item2),
            LastDown = Begin.AddSeconds(-past.Item3),
            IsBlind = past.Item4,
            Now = Begin,
        };

    /// <summary>A gateway: what it always has, and the seconds between its reports, over and over.</summary>
    private static readonly Gen<(int InFlight, int Waiting, double[] Pauses)> Gateways = Gen.Select(
        Gen.Int[0, 9],
        Gen.OneOf(Gen.Const(0), Gen.Int[0, 3]),
        Gen.Double[0.05, 9.9].Array[1, 6]
    );

    [Fact]
    public void The_number_is_never_outside_its_bounds_and_always_has_a_reason() =>
        Inputs.Sample(
            input =>
            {
                var decision = ScalingDecision.For(input);
                var ceiling = input.Configuration.Pods.Ceiling(input.Cap);
                decision.Pods.ShouldBeInRange(Math.Min(input.Configuration.Pods.Min, ceiling), ceiling);
                decision.Wanted.ShouldBeLessThanOrEqualTo(ceiling);
                decision.Reason.ShouldStartWith(decision.Pods == 1 ? "1 pod: " : $"{decision.Pods} pods: ");
                decision.Reason.Length.ShouldBeGreaterThan("10 pods: ".Length);
            },
            iter: 10_000
        );

    [Fact]
    public void More_load_never_wants_fewer_pods() =>
        Gen.Select(Inputs, Gen.Int[0, 20], Gen.Int[0, 20], Gen.Double[0, 20], Gen.Double[0, 20])
            .Sample(
                (input, inFlight, waiting, stable, panic) =>
                {
                    var load = input.Load;
                    var more = load with
                    {
                        InFlight = load.InFlight + inFlight,
                        Waiting = load.Waiting + waiting,
                        Stable = load.Stable + stable,
                        Panic = load.Panic + panic,
                    };
                    ScalingDecision.For(input with { Load = more }).Pods.ShouldBeGreaterThanOrEqualTo(ScalingDecision.For(input).Pods);
                },
                iter: 10_000
            );

    [Fact]
    public void Zero_is_never_reached_while_a_request_is_there_or_was_within_the_idle_time() =>
        Inputs.Sample(
            input =>
            {
                var isWanted = input.Load.Now > 0 || input.Now - input.Load.LastUse < input.Configuration.IdleTimeout;
                if (isWanted)
                    ScalingDecision.For(input).Pods.ShouldBeGreaterThan(0);
            },
            iter: 10_000
        );

    [Fact]
    public void A_constant_load_never_has_pods_go_and_come() =>
        Gen.Select(Configurations, Gateways.Array[1, 5], Gen.Int[0, 3])
            .Sample(
                (configuration, gateways, startup) =>
                {
                    var run = new Run(configuration, gateways, TimeSpan.FromSeconds(startup * 10));
                    var decisions = run.For(TimeSpan.FromMinutes(6));
                    // It may rise while gateways report for the first time; from then on nothing changes, for what is constant has one right answer.
                    decisions.Zip(decisions.Skip(1)).ShouldAllBe(pair => pair.First <= pair.Second);
                    decisions[^1].ShouldBe(decisions[decisions.Count / 2]);
                },
                iter: 300
            );

    [Fact]
    public void From_more_pods_a_constant_load_comes_down_once_and_stays() =>
        Gen.Select(Configurations, Gateways.Array[1, 5], Gen.Int[0, 14])
            .Sample(
                (configuration, gateways, found) =>
                {
                    var run = new Run(configuration, gateways, TimeSpan.Zero);
                    run.Autoscaler.Adopt(found, Begin);
                    var decisions = run.For(TimeSpan.FromMinutes(10));
                    decisions[^1].ShouldBe(decisions[decisions.Count * 9 / 10]);
                    var turns = decisions.Zip(decisions.Skip(1), (a, b) => Math.Sign(b - a)).Where(step => step != 0).ToList();
                    // Up to the load at first, where it is higher than what was found; down at most once after that, and never up again.
                    turns.SkipWhile(step => step > 0).ShouldAllBe(step => step < 0);
                },
                iter: 300
            );

    [Fact]
    public void A_gateway_that_falls_silent_is_forgotten_whatever_it_had() =>
        Gen.Select(Configurations, Gateways.Array[1, 5])
            .Sample(
                (configuration, gateways) =>
                {
                    var run = new Run(configuration, gateways, TimeSpan.Zero);
                    run.For(TimeSpan.FromMinutes(1));
                    var later = run.Now + TimeSpan.FromMinutes(1) + new AutoscalerOptions().ReportTimeout;
                    var load = run.Autoscaler.Load.Figures(later);
                    load.Now.ShouldBe(0);
                    load.Stable.ShouldBe(0);
                    run.Autoscaler.Load.BusyPods(later).ShouldBeEmpty();
                },
                iter: 300
            );

    [Fact]
    public void The_average_of_a_constant_is_that_constant() =>
        Gen.Select(Gateways.Array[1, 5], Gen.Double[61, 300])
            .Sample(
                (gateways, seconds) =>
                {
                    var run = new Run(new(), gateways, TimeSpan.Zero);
                    run.For(TimeSpan.FromSeconds(seconds));
                    var load = run.Autoscaler.Load.Figures(run.Now);
                    load.Now.ShouldBe(gateways.Sum(g => g.InFlight + g.Waiting));
                    load.Panic.ShouldBe(load.InFlight, 1e-6);
                    load.PanicWaiting.ShouldBe(load.Waiting, 1e-6);
                    if (seconds > 80)
                        load.Stable.ShouldBe(load.InFlight, 1e-6);
                },
                iter: 300
            );

    /// <summary>Gateways that report the same over and over, each at its own pace, and an autoscaler that looks every two seconds.</summary>
    private sealed class Run(
        DeploymentConfiguration configuration,
        (int InFlight, int Waiting, double[] Pauses)[] gateways,
        TimeSpan startup
    )
    {
        private const int Cap = 14;
        private static readonly TimeSpan Period = TimeSpan.FromSeconds(2);

        private readonly PriorityQueue<(int Gateway, int Count), DateTimeOffset> reports = new(
            gateways.Select((gateway, i) => ((i, 0), Begin.AddSeconds(gateway.Pauses[0])))
        );

        private readonly List<(DateTimeOffset ReadyAt, int Pods)> starts = [];
        private DateTimeOffset nextLook = Begin;

        public Autoscaler Autoscaler { get; } = new(new());

        public DateTimeOffset Now { get; private set; } = Begin;

        public List<int> For(TimeSpan time)
        {
            var decisions = new List<int>();
            var end = Now + time;
            while (Now < end)
            {
                if (reports.TryPeek(out _, out var due) && due < nextLook)
                    Report(due);
                else
                    decisions.Add(Look());
            }

            return decisions;
        }

        private void Report(DateTimeOffset at)
        {
            Now = at;
            var (i, count) = reports.Dequeue();
            var (inFlight, waiting, pauses) = gateways[i];
            Autoscaler.Take(new($"gateway-{i}", at, inFlight, waiting, Begin.AddDays(-1), []), at);
            reports.Enqueue((i, count + 1), at.AddSeconds(pauses[count % pauses.Length]));
        }

        private int Look()
        {
            (Now, nextLook) = (nextLook, nextLook + Period);
            var ready = starts.LastOrDefault(s => s.ReadyAt <= Now).Pods;
            var pods = Autoscaler.Decide(configuration, Math.Min(ready, Autoscaler.Present), Cap, Now).Pods;
            starts.Add((Now + startup, pods));
            return pods;
        }
    }
}
