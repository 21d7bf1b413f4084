using DeployCard.Domain.Autoscaling;
using DeployCard.Domain.Deployments;

namespace DeployCard.Grains.Tests.Deployments;

/// <summary>Subscribers receive the view at their subscription and then each changed view.</summary>
public sealed class DeploymentViewsTests
{
    private readonly DeploymentState state = Sample.State();
    private readonly List<string> changed = [];
    private readonly DeploymentViews views;

    public DeploymentViewsTests() =>
        views = new(
            () => DeploymentProjection.CreateView(Sample.Name, state, [], ScalingDecision.Create(0, "test", Sample.Now)),
            view => changed.Add(view.Title),
            CancellationToken.None
        );

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Subscriber_receives_the_current_view_and_then_changes()
    {
        state.Title = "first";
        await using var stream = views.Subscribe(Token).GetAsyncEnumerator(Token);
        (await stream.MoveNextAsync()).ShouldBeTrue();
        stream.Current.Title.ShouldBe("first");

        state.Title = "second";
        views.Publish();
        views.Complete();

        (await stream.MoveNextAsync()).ShouldBeTrue();
        stream.Current.Title.ShouldBe("second");
        (await stream.MoveNextAsync()).ShouldBeFalse();
    }

    [Fact]
    public void Unchanged_view_is_not_published()
    {
        state.Title = "first";
        views.Publish();
        views.Publish();
        state.Title = "second";
        views.Publish();

        changed.ShouldBe(["first", "second"]);
    }

    [Fact]
    public async Task Restored_view_reaches_only_the_subscribers_of_the_deployment()
    {
        state.Title = "rejected";
        await using var stream = views.Subscribe(Token).GetAsyncEnumerator(Token);
        (await stream.MoveNextAsync()).ShouldBeTrue();

        state.Title = "restored";
        views.PublishRestored();
        views.Complete();

        (await stream.MoveNextAsync()).ShouldBeTrue();
        stream.Current.Title.ShouldBe("restored");
        changed.ShouldBeEmpty();
    }
}
