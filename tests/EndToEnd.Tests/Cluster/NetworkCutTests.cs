using DeployCard.EndToEnd.Tests.Support.Cluster;
using DeployCard.EndToEnd.Tests.Support.Crash;

namespace DeployCard.EndToEnd.Tests.Cluster;

/// <summary>A silo that the others cannot reach any more, nor it them, while all reach the database: who decides then, and with which pods.</summary>
public sealed class NetworkCutTests
{
    private const int Cut = 2;
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    /// <summary>How long before its end the silo's pods may have begun to end.</summary>
    private static readonly TimeSpan Ending = TimeSpan.FromSeconds(3);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_silo_that_is_cut_off_gives_way_and_no_pod_is_there_twice()
    {
        Assert.SkipWhen(Network.Missing is not null, Network.Missing ?? "");
        await using var network = await Network.Create(Cancellation);
        await using var faults = await FaultRun.Start(await SiloCluster.StartIn(network, Cancellation));
        var silo = faults.Cluster.Silos[Cut];
        for (var round = 0; round < CrashRun.Rounds(normal: 1); round++)
        {
            await faults.Load();
            faults.Calls.Mark(silo, down: true);
            faults.Clients.Rest(silo, rests: true);
            var cut = SteadyClients.Now;
            await Drop(network);

            var most = await MostPods(faults, silo.WaitForEnd(Cancellation));

            var ended = SteadyClients.Now;
            faults.Clients.Excuse(null, ended - (long)(Ending.TotalSeconds * TimeProvider.System.TimestampFrequency), ended);
            most.Count.ShouldBe(2, $"{string.Join('\n', most)}\n{string.Join('\n', faults.Cluster.Silos.Select(each => each.Output))}");
            await faults.Recovered(cut);
            await Pass(network);
            await silo.Run(Cancellation);
            faults.Clients.Rest(silo, rests: false);
            faults.Calls.Mark(silo, down: false);
        }

        await faults.End("a silo of three is cut off from the others");
    }

    /// <summary>Nothing from it to the others, and nothing from them to it.</summary>
    private static async Task Drop(Network network)
    {
        foreach (var (user, address) in Ways())
            await network.Drop(user, address, Cancellation);
    }

    private static async Task Pass(Network network)
    {
        foreach (var (user, address) in Ways())
            await network.Pass(user, address, Cancellation);
    }

    private static IEnumerable<(int User, string Address)> Ways() =>
        Enumerable
            .Range(0, Cut)
            .Select(other => (SiloCluster.UserOf(Cut), SiloCluster.AddressOf(other)))
            .Append((SiloCluster.UserOf(0), SiloCluster.AddressOf(Cut)));

    /// <summary>The most pods at once of the deployment that wants two, until something ends.</summary>
    private static async Task<IReadOnlyList<string>> MostPods(FaultRun faults, Task end)
    {
        IReadOnlyList<string> most = [];
        while (!end.IsCompleted)
        {
            var now = faults.SteadyPods();
            most = now.Count > most.Count ? now : most;
            await Task.WhenAny(end, Task.Delay(Look, TimeProvider.System, Cancellation));
        }

        await end;
        return most;
    }
}
