using DeployCard.Client.Cluster;
using DeployCard.Contracts.Deployments;
using DeployCard.Contracts.Pods;
using DeployCard.Contracts.Routing;
using DeployCard.Contracts.Storage;
using DeployCard.Grains.Tests.Support;
using DeployCard.Tests.Support;

namespace DeployCard.Grains.Tests.Deployments;

/// <summary>A deployment while storage is unavailable.</summary>
public sealed class StorageOutageTests() : OwnSilosTest(new TestSilos { BusyTimeout = TimeSpan.FromMilliseconds(50) })
{
    [Fact]
    public async Task Pods_enter_service_and_the_state_is_stored_later()
    {
        await Create("iris", "1-1");
        await Until("iris", DeploymentStatus.Starting);
        var pod = Silos.Pods.Running("iris").ShouldHaveSingleItem().Name;

        await using (await Silos.LockStorage())
        {
            Silos.Pods.SetReady(pod);
            (await Until("iris", DeploymentStatus.Ready)).Pods.ShouldHaveSingleItem().Phase.ShouldBe(PodPhase.Ready);
            await Silos.Until(() => Silos.Gateways.All(gateway => gateway.Route("iris")?.Pods.Count == 1));
            // Repeated calls in the meantime return the same error.
            for (var i = 0; i < 10; i++)
            {
                Silos.Clock.Advance(Second);
                await Silos.Deployment("iris").Reconcile();
                (await Silos.Deployment("iris").GetRoute()).Pods.ShouldHaveSingleItem();
            }

            (await Silos.CountRows("DeploymentIndex WHERE status = 'READY'")).ShouldBe(0);
        }

        await Silos.Until(async () => await Silos.CountRows("DeploymentIndex WHERE status = 'READY'") == 1, Second);
        await Silos.Restart();
        (await Silos.Deployment("iris").GetEvents()).Select(happened => happened.Kind).ShouldContain(EventKind.PodReady);
    }

    [Fact]
    public async Task User_change_is_rejected_and_rolled_back()
    {
        await CreateReady("iris", "1-1");
        await CreateKey("iris");
        var iris = Silos.Deployment("iris");
        await iris.CreateWebhookSecret(Anna, Token);
        var (view, route) = (await View("iris"), await iris.GetRoute());
        await using (await Silos.LockStorage())
        {
            foreach (var change in Changes(iris, view, route))
            {
                await ShouldBeRejected(change);
                // The grain stays active and unchanged: a route without pods would interrupt requests.
                var now = await View("iris");
                (now == view with { ScalingDecidedAt = now.ScalingDecidedAt, ScalingReason = now.ScalingReason }).ShouldBeTrue();
                (await iris.GetRoute()).ShouldBe(route);
            }
        }

        (await Silos.CountRows("DeploymentIndex WHERE status = 'READY'")).ShouldBe(1);
        Value(await iris.Update(new("now", null, null, null), Anna, Token)).Title.ShouldBe("now");
        (await View("iris")).Revisions.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Name_stays_free_if_the_deployment_cannot_be_stored()
    {
        await using (await Silos.LockStorage())
            await ShouldBeRejected(() => Silos.Deployment("iris").Create(Draft(), Anna, Token));

        (await Silos.Deployment("iris").Get()).ShouldBeNull();
        await Create("iris");
    }

    [Fact]
    public async Task State_written_by_another_activation_is_read_again()
    {
        await CreateReady("iris", "1-1");
        await Silos.IncrementStateVersion("deployment", "iris");

        await Should.ThrowAsync<Exception>(() => Silos.Deployment("iris").Stop(Anna, Token));

        // Without reading the state again, every later change would be rejected.
        Value(await new GrainRetry(TimeProvider.System).Execute(() => Silos.Deployment("iris").Stop(Anna, Token), Token))
            .Status.ShouldBe(DeploymentStatus.Stopped);
    }

    /// <summary>Asserts that the call fails with the storage error as its cause, also from another silo.</summary>
    private static async Task ShouldBeRejected(Func<Task> change)
    {
        var failure = await Should.ThrowAsync<OrleansException>(change);
        StorageException.IsCauseOf(failure).ShouldBeTrue();
        failure.InnerException.ShouldBeOfType<StorageException>();
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
