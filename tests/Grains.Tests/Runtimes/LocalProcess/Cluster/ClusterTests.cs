using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using DeployCard.Contracts.Deployments;
using DeployCard.Contracts.Logs;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Pods;
using DeployCard.Contracts.Runtimes;
using DeployCard.Grains.Tests.Support;
using DeployCard.LocalProcess.Cluster;
using DeployCard.LocalProcess.Pods;
using DeployCard.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;

namespace DeployCard.Grains.Tests.Runtimes.LocalProcess.Cluster;

/// <summary>
/// Tests pods as real processes of two real silos. The silos share the test process, so the pods of a killed silo end when its services are
/// disposed. The lifeline has separate tests.
/// </summary>
public sealed class ClusterTests : SiloTest, IAsyncLifetime
{
    private const string Image = "talks";
    private const string Slow = "slow";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly DirectoryInfo images = Directory.CreateTempSubdirectory("deploycard-");

    public ClusterTests()
        : base(new TestSilos { Settings = { ["Deployments:ScalingInterval"] = "00:00:00.2" } }) => Silos.ImagesFolder = images;

    private IReadOnlyList<InProcessSiloHandle> All => [.. Silos.Cluster.Silos];

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(Python.IsAvailable, "python3 is not on the PATH, and this test's web server needs it.");
        await AddImage(Image, "(i=0; while :; do i=$((i+1)); echo \"line $i\"; sleep 0.01; done) &\nexec python3 -S -E serve.py\n");
        await AddImage(Slow, "trap 'sleep 5; exit 0' TERM\npython3 -S -E serve.py\n");
        await Silos.Start();
        // A silo that does not know the other silo yet would start all pods itself.
        await Silos.Until(() =>
            All.All(silo =>
                silo.ServiceProvider.GetRequiredService<ClusterPodDirectory>().Hosts.Count(host => host.AcceptsPods) == All.Count
            )
        );
    }

    public async ValueTask DisposeAsync()
    {
        await Silos.DisposeAsync();
        images.Delete(recursive: true);
    }

    [Fact]
    public async Task Pods_are_spread_over_the_silos()
    {
        var name = await CreateReady("2-4", 2);

        Here(All[0])
            .Concat(Here(All[1]))
            .Select(pod => pod.Name)
            .ShouldBe((await View(name)).Pods.Select(pod => pod.Name), ignoreOrder: true);
        All.ShouldAllBe(silo => Here(silo).Count == 1);
    }

    [Fact]
    public async Task Migrated_deployment_keeps_its_pods_and_logs_each_line_once()
    {
        var name = await CreateReady("2-2", 2);
        var pods = (await View(name)).Pods.Select(pod => pod.Name).ToList();
        for (var i = 0; i < 4; i++)
        {
            await Move(Silos.Deployment(name));
            await Move(Log(name));
            await Until(name, view => view.Pods.Count(pod => pod.Phase is PodPhase.Ready) == 2);
            var lines = await LinesOf(name, pods);
            await Silos.Until(async () => (await LinesOf(name, pods)).Zip(lines).All(count => count.First > count.Second + 5));
        }

        (await View(name)).Pods.Select(pod => pod.Name).ShouldBe(pods, ignoreOrder: true);
        All.ShouldAllBe(silo => Here(silo).Count == 1);
        (await Silos.Deployment(name).GetEvents()).Count(e => e.Kind is EventKind.Scaled).ShouldBe(1);
        // Replace both pods, so that their logs also have an end. The log is cleared when the deployment no longer wants any pods.
        Value(await Silos.Deployment(name).Update(new(null, null, new() { Pods = "1-1" }, null), Anna, Token));
        await Silos.Until(async () => (await Silos.Deployment(name).GetEvents()).Count(e => e.Kind is EventKind.PodStopped) == 2);
        foreach (var pod in pods)
            await ShouldBeWhole(name, pod);
    }

    [Fact]
    public async Task Draining_pod_stays_draining_when_its_deployment_migrates()
    {
        var name = await CreateReady("1-1", 1, Slow);
        var old = (await View(name)).Pods[0].Name;
        Value(await Silos.Deployment(name).Update(new(null, null, new() { TerminationGracePeriod = Limit * 2 }, null), Anna, Token));
        await Silos.Until(() => All.SelectMany(Here).Any(pod => pod.Name == old && pod.Phase is PodPhase.Draining));

        await Move(Silos.Deployment(name));

        var view = await Until(name, v => v.Pods.Count == 2);
        view.Pods.Single(pod => pod.Name == old).Phase.ShouldBe(PodPhase.Draining);
        (await Silos.Deployment(name).GetRoute()).Pods.ShouldHaveSingleItem().Revision.ShouldBe(2);
        await Silos.Until(async () => (await Silos.Deployment(name).GetEvents()).Any(e => e.Kind is EventKind.PodStopped));
        (await Silos.Deployment(name).GetPods()).Select(pod => (pod.Name, pod.Phase)).ShouldContain((old, PodPhase.Ended));
        (await Silos.Deployment(name).GetEvents()).Count(e => e.Kind is EventKind.PodStopped).ShouldBe(1);
    }

    [Fact]
    public async Task Pods_of_a_killed_silo_are_replaced_even_if_it_hosted_the_deployment()
    {
        var name = await CreateReady("2-2", 2);
        var (killed, left) = (await SiloOf(Silos.Deployment(name)), await OtherThan(Silos.Deployment(name)));
        var kept = Here(left).ShouldHaveSingleItem().Name;

        await Silos.Cluster.KillSiloAsync(killed, Token);

        await Silos.Until(() => Here(left).Count(pod => pod.Phase is PodPhase.Ready) == 2);
        await Until(name, view => view.Pods.Count(pod => pod.Phase is PodPhase.Ready) == 2);
        Here(left).Select(pod => pod.Name).ShouldContain(kept);
        Here(left).Count.ShouldBe(2);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Pods_of_a_draining_silo_are_replaced_without_an_interruption(bool hasDeployment)
    {
        var name = await CreateReady("1-1", 1);
        var draining = All.Single(silo => Here(silo).Count == 1);
        var remaining = All.Single(silo => silo != draining);
        if (await SiloOf(Silos.Deployment(name)) == draining != hasDeployment)
            await Move(Silos.Deployment(name));
        await Until(name, DeploymentStatus.Ready);
        var (ready, maxPods) = (new ConcurrentBag<int>(), 0);
        Silos.Gateways[0].OnReceive = route => ready.Add(route.Deployment.Value == name ? route.Pods.Count : int.MaxValue);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var counting = Task.Run(
            () =>
            {
                while (!end.IsCancellationRequested)
                    maxPods = Math.Max(maxPods, All.Sum(silo => Here(silo).Count));
            },
            Token
        );

        await Pods(draining).Drain(Limit, Token);

        await end.CancelAsync();
        await counting;
        Here(draining).ShouldBeEmpty();
        Here(remaining).ShouldHaveSingleItem().Phase.ShouldBe(PodPhase.Ready);
        ready.ShouldNotBeEmpty();
        ready.ShouldAllBe(count => count >= 1);
        maxPods.ShouldBe(2);
        await Silos.Cluster.StopSiloAsync(draining, Token);
        await Until(name, DeploymentStatus.Ready);
        Here(remaining).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Drain_returns_immediately_if_no_other_silo_accepts_pods()
    {
        await CreateReady("2-2", 2);
        var before = All.Select(silo => Here(silo).ShouldHaveSingleItem()).ToList();

        await Task.WhenAll(All.Select(silo => Pods(silo).Drain(Limit, Token)))
            .WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System, Token);

        All.SelectMany(Here).Where(pod => pod.Phase is PodPhase.Ready).ShouldBe(before);
        await Silos.Until(() => All.All(silo => silo.ServiceProvider.GetRequiredService<IPodRuntime>().IsShuttingDown));
    }

    [Fact]
    public async Task Pods_of_a_silo_that_stops_without_draining_are_replaced()
    {
        var name = await CreateReady("1-1", 1);
        var ending = All.Single(silo => Here(silo).Count == 1);
        var remaining = All.Single(silo => silo != ending);

        await Pods(ending).StopAll(TimeSpan.FromSeconds(5), Token);
        await Silos.Cluster.StopSiloAsync(ending, Token);

        await Silos.Until(() => Here(remaining) is [{ Phase: PodPhase.Ready }]);
        await Until(name, DeploymentStatus.Ready);
    }

    private static ILocalPods Pods(InProcessSiloHandle silo) => silo.ServiceProvider.GetRequiredService<ILocalPods>();

    private static List<PodObservation> Here(InProcessSiloHandle silo) =>
        [.. silo.ServiceProvider.GetRequiredService<LocalProcessRuntime>().Snapshot.Pods.Where(pod => pod.Phase is not PodPhase.Ended)];

    private ILogGrain Log(string name) => Silos.Grains.GetGrain<ILogGrain>(name);

    private async Task AddImage(string name, string script)
    {
        var folder = images.CreateSubdirectory(name).FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "serve.py"), Python.Server(0, "/healthz"), Token);
        await File.WriteAllTextAsync(Path.Combine(folder, "serve.sh"), script, Token);
        await File.WriteAllTextAsync(
            Path.Combine(folder, "image.json"),
            JsonSerializer.Serialize(new { command = new[] { "/bin/sh", "serve.sh" }, readinessPath = "/healthz" }),
            Token
        );
    }

    private async Task<string> CreateReady(string range, int pods, string image = Image)
    {
        var name = $"{NewName()}-c";
        Value(await Silos.Deployment(name).Create(Draft(range, image), Anna, Token));
        await Until(name, view => view.Pods.Count(pod => pod.Phase is PodPhase.Ready) == pods);
        return name;
    }

    private async Task<InProcessSiloHandle> SiloOf(IAddressable grain)
    {
        var address = await Silos.Grains.GetGrain<IManagementGrain>(0).GetActivationAddress(grain);
        return All.Single(silo => silo.SiloAddress.Equals(address));
    }

    private async Task<InProcessSiloHandle> OtherThan(IAddressable grain)
    {
        var its = await SiloOf(grain);
        return All.Single(silo => silo != its);
    }

    private async Task Move(IAddressable grain)
    {
        var target = await OtherThan(grain);
        await Silos.Cluster.MigrateAsync(grain, target.SiloAddress);
        await Silos.Until(async () =>
            await Silos.Grains.GetGrain<IManagementGrain>(0).GetActivationAddress(grain) is { } now && now.Equals(target.SiloAddress)
        );
    }

    private async Task<List<int>> LinesOf(string name, IReadOnlyList<PodName> pods)
    {
        var lines = await Log(name).Read(new(Last: 100_000));
        return [.. pods.Select(pod => lines.Count(line => line.Pod == pod))];
    }

    private async Task ShouldBeWhole(string name, PodName pod)
    {
        var lines = await Log(name).Read(new(Last: 100_000, Pod: pod.Value));
        lines[^1].Text.ShouldStartWith("The pod was stopped");
        var numbers = lines
            .Where(line => line.Text.StartsWith("line "))
            .Select(line => int.Parse(line.Text["line ".Length..], CultureInfo.InvariantCulture))
            .ToList();
        numbers.Count.ShouldBeGreaterThan(20);
        numbers.ShouldBe(Enumerable.Range(1, numbers.Count));
    }
}
