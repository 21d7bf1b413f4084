using DeployCard.Contracts.Runtimes;
using DeployCard.Tests.Support;

namespace DeployCard.Grains.Tests.Runtimes.LocalProcess;

/// <summary>Measures the CPU and memory of a real pod.</summary>
public sealed class PodUsageTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Usage_includes_child_processes_and_ends_with_the_pod()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux has /proc.");
        await using var host = new LocalProcessHost().Script("busy", "(while :; do :; done) & while :; do :; done");
        var pod = await host.Start(LocalProcessHost.Pod("busy"));
        var usage = host.Service<IPodUsage>();

        (await Until(usage, _ => true)).Cores.ShouldBeNull();
        var next = await Until(usage, seen => seen is { Cores: > 0, MemoryBytes: > 0 });

        next.Pod.ShouldBe(pod.Name);
        next.IsReady.ShouldBeFalse();
        await host.Stop(pod);
        (await usage.Measure(Token)).ShouldBeEmpty();
    }

    private static async Task<PodUsage> Until(IPodUsage usage, Func<PodUsage, bool> seen) =>
        (
            await Eventually.Get(
                async () => (await usage.Measure(Token)).SingleOrDefault(),
                measured => measured is not null && seen(measured),
                Token,
                LocalProcessHost.WaitTimeout
            )
        )!;
}
