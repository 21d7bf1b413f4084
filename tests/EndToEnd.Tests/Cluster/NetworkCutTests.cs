using DeployCard.EndToEnd.Tests.Support.Cluster;
using DeployCard.EndToEnd.Tests.Support.Crash;

namespace DeployCard.EndToEnd.Tests.Cluster;

/// <summary>
/// Tests of a network partition in which one silo and the others cannot reach each other, while all of them reach the database.
/// </summary>
public sealed class NetworkCutTests
{
    private const int Cut = 2;
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);

    /// <summary>Maximum time before the exit of the silo at which its pods may start to end.</summary>
    private static readonly TimeSpan PodEndMargin = TimeSpan.FromSeconds(3);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Isolated_silo_exits_and_no_pod_runs_twice()
    {
        Assert.SkipWhen(Network.UnavailableReason is not null, Network.UnavailableReason ?? "");
        await using var network = await Network.Create(Cancellation);
        await using var faults = await FaultRun.Start(await SiloCluster.StartIn(network, Cancellation));
        var silo = faults.Cluster.Silos[Cut];
        for (var round = 0; round < CrashRun.Rounds(normal: 1); round++)
        {
            await faults.WaitForLoad();
            faults.Calls.Mark(silo, down: true);
            faults.Clients.SetPaused(silo, isPaused: true);
            var cut = SteadyClients.Now;
            await Isolate(network);

            var max = await ObserveMaxPods(faults, silo.WaitForExit(Cancellation));

            var ended = SteadyClients.Now;
            faults.Clients.Excuse(null, ended - (long)(PodEndMargin.TotalSeconds * TimeProvider.System.TimestampFrequency), ended);
            max.Count.ShouldBe(2, $"{string.Join('\n', max)}\n{string.Join('\n', faults.Cluster.Silos.Select(each => each.Output))}");
            await faults.WaitForRecovery(cut);
            await Reconnect(network);
            await silo.Run(Cancellation);
            faults.Clients.SetPaused(silo, isPaused: false);
            faults.Calls.Mark(silo, down: false);
        }

        await faults.Finish("a silo of three is isolated from the others");
    }

    /// <summary>Blocks packets between the silo and the others, in both directions.</summary>
    private static async Task Isolate(Network network)
    {
        foreach (var (user, address) in Ways())
            await network.Reject(user, address, Cancellation);
    }

    private static async Task Reconnect(Network network)
    {
        foreach (var (user, address) in Ways())
            await network.StopRejecting(user, address, Cancellation);
    }

    private static IEnumerable<(int User, string Address)> Ways() =>
        Enumerable
            .Range(0, Cut)
            .Select(other => (SiloCluster.UserOf(Cut), SiloCluster.AddressOf(other)))
            .Append((SiloCluster.UserOf(0), SiloCluster.AddressOf(Cut)));

    /// <summary>
    /// Polls the pods of the deployment that must have two pods, until a task completes. Returns the largest set of concurrent pods
    /// observed.
    /// </summary>
    private static async Task<IReadOnlyList<string>> ObserveMaxPods(FaultRun faults, Task end)
    {
        IReadOnlyList<string> max = [];
        while (!end.IsCompleted)
        {
            var now = faults.DescribeSteadyPods();
            max = now.Count > max.Count ? now : max;
            await Task.WhenAny(end, Task.Delay(PollInterval, TimeProvider.System, Cancellation));
        }

        await end;
        return max;
    }
}
