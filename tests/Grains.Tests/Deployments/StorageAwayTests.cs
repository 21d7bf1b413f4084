using DeployCard.Grains.Cluster;
using DeployCard.Grains.Deployments;
using DeployCard.Grains.Live;
using DeployCard.Grains.Pods;
using DeployCard.Grains.Routing;
using DeployCard.Grains.Storage;
using DeployCard.Grains.Tests.Support;
using DeployCard.Tests.Support;

namespace DeployCard.Grains.Tests.Deployments;

/// <summary>A deployment while nothing can be stored.</summary>
public sealed class StorageAwayTests : SiloTest, IAsyncLifetime
{
    public StorageAwayTests()
        : base(new TestSilos { BusyTimeout = TimeSpan.FromMilliseconds(50) }) { }

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
        await CreateKey("iris");
        var iris = Silos.Deployment("iris");
        await iris.CreateWebhookSecret(Anna, Token);
        var (view, route) = (await View("iris"), await iris.GetRoute());
        await using (await Silos.HoldStorage())
        {
            foreach (var change in Changes(iris, view, route))
            {
                await IsRefused(change);
                // It stays where it is and as it was: a route without pods would be a gap for whoever asks.
                var now = await View("iris");
                ResumedFeed
                    .AreSame(now, view with { ScalingDecidedAt = now.ScalingDecidedAt, ScalingReason = now.ScalingReason })
                    .ShouldBeTrue();
                ResumedFeed.AreSame(await iris.GetRoute(), route).ShouldBeTrue();
            }
        }

        (await Silos.Count("DeploymentIndex WHERE status = 'READY'")).ShouldBe(1);
        Value(await iris.Update(new("now", null, null, null), Anna, Token)).Title.ShouldBe("now");
        (await View("iris")).Revisions.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_name_whose_deployment_could_not_be_stored_is_free()
    {
        await using (await Silos.HoldStorage())
            await IsRefused(() => Silos.Deployment("iris").Create(Draft(), Anna, Token));

        (await Silos.Deployment("iris").Get()).ShouldBeNull();
        await Create("iris");
    }

    [Fact]
    public async Task Where_another_activation_has_written_what_that_wrote_is_read_again()
    {
        await CreateReady("iris", "1-1");
        await Silos.Overtake("deployment", "iris");

        await Should.ThrowAsync<Exception>(() => Silos.Deployment("iris").Stop(Anna, Token));

        // As one that could not be stored for another reason it would be refused for ever.
        Value(await new RepeatableCalls(TimeProvider.System).Make(() => Silos.Deployment("iris").Stop(Anna, Token), Token))
            .Status.ShouldBe(DeploymentStatus.Stopped);
    }

    /// <summary>The reason comes along from whichever silo it is.</summary>
    private static async Task IsRefused(Func<Task> change)
    {
        var refusal = await Should.ThrowAsync<OrleansException>(change);
        StorageException.IsCauseOf(refusal).ShouldBeTrue();
        refusal.InnerException.ShouldBeOfType<StorageException>();
    }

    private static IEnumerable<Func<Task>> Changes(IDeploymentGrain iris, DeploymentView view, Route route) =>
        [
            () => iris.Stop(Anna, Token),
            () => iris.Delete(Anna, Token),
            () => iris.Update(new("another", null, null, null), Anna, Token),
            () => iris.Update(new("another", null, new() { Concurrency = 7 }, null), Anna, Token),
            () => iris.RollBack(view.Revisions[0].Number, Anna, Token),
            () => iris.AddKey(route.Keys[0] with { Id = "another" }, "another", Anna, Token),
            () => iris.RemoveKey(route.Keys[0].Id, EventKind.KeyRevoked, Anna, Token),
            () => iris.CreateWebhookSecret(Anna, Token),
            () => iris.RevokeWebhookSecret(view.WebhookSecrets[0].Id, Anna, Token),
        ];
}
