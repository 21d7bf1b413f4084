using DeployCard.Grains.Deployments;
using DeployCard.Grains.Pods;
using DeployCard.Grains.Tests.Support;
using DeployCard.Tests.Support;

namespace DeployCard.Grains.Tests.Deployments;

/// <summary>A deployment while nothing can be stored.</summary>
public sealed class StorageAwayTests : SiloTest, IAsyncLifetime
{
    public StorageAwayTests()
        : base(new TestSilos { BusyTimeout = TimeSpan.FromMilliseconds(50) })
    {
    }

    public async ValueTask InitializeAsync() => await Silos.Start();

    public ValueTask DisposeAsync() => Silos.DisposeAsync();

    [Fact]
    public async Task Its_pods_come_into_service_and_what_has_become_of_it_is_stored_later()
    {
        await Create("iris", "1-1");
        await Until("iris", DeploymentStatus.Starting);
        var pod = Silos.Pods.Running("iris").ShouldHaveSingleItem().Name;

        await using (await Silos.HoldStorage())
        {
            Silos.Pods.Ready(pod);
            (await Until("iris", DeploymentStatus.Ready)).Pods.ShouldHaveSingleItem().Phase.ShouldBe(PodPhase.Ready);
            await Silos.Until(() => Silos.Gateways.All(gateway => gateway.Route("iris")?.Pods.Count == 1));
            // Whoever asks meanwhile, again and again, is told the same.
            for (var i = 0; i < 10; i++)
            {
                Silos.Clock.Advance(Second);
                await Silos.Deployment("iris").Reconcile();
                (await Silos.Deployment("iris").GetRoute()).Pods.ShouldHaveSingleItem();
            }

            (await Silos.Count("DeploymentIndex WHERE status = 'READY'")).ShouldBe(0);
        }

        await Silos.Until(async () => await Silos.Count("DeploymentIndex WHERE status = 'READY'") == 1, Second);
        await Silos.Restart();
        (await Silos.Deployment("iris").Events()).Select(happened => happened.Kind).ShouldContain(EventKind.PodReady);
    }

    [Fact]
    public async Task What_a_person_changes_is_refused_and_not_there_afterwards()
    {
        await CreateReady("iris", "1-1");
        await using (await Silos.HoldStorage())
            await Should.ThrowAsync<Exception>(() => Silos.Deployment("iris").Stop(Anna, Token));

        (await Until("iris", DeploymentStatus.Ready)).Pods.ShouldHaveSingleItem();
        (await Silos.Count("DeploymentIndex WHERE status = 'STOPPED'")).ShouldBe(0);
    }
}
