using DeployCard.Contracts.Routing;
using DeployCard.Domain.Deployments;
using Microsoft.Extensions.Time.Testing;

namespace DeployCard.Grains.Tests.Deployments;

/// <summary>Versions of routes only grow, and the acknowledgement describes the latest route.</summary>
public sealed class RoutePublicationTests
{
    private readonly FakeTimeProvider time = new(Sample.Now);
    private readonly FakeRoutes routes = new([]);
    private int superseded;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public async Task First_version_exceeds_the_stored_version_and_the_clock(int offset)
    {
        var stored = Sample.Now.UtcTicks + offset;

        await Create(stored).Publish(Content(RouteState.Serving), Token);

        routes.Published.ShouldHaveSingleItem().Version.ShouldBe(Math.Max(stored, Sample.Now.UtcTicks) + 1);
    }

    [Fact]
    public async Task Route_is_published_again_only_if_its_content_has_changed()
    {
        var publication = Create();

        await publication.Publish(Content(RouteState.Serving), Token);
        await publication.Publish(Content(RouteState.Serving), Token);
        await publication.Publish(Content(RouteState.Stopped), Token);

        routes.Published.Select(route => route.State).ShouldBe([RouteState.Serving, RouteState.Stopped]);
        routes.Published[1].Version.ShouldBe(routes.Published[0].Version + 1);
        publication.Version.ShouldBe(routes.Published[1].Version);
    }

    [Fact]
    public async Task Acknowledgement_describes_the_latest_route()
    {
        var publication = Create();
        (await publication.Publish(Content(RouteState.Serving), Token)).ShouldBeTrue();

        routes.Acknowledge = false;
        (await publication.Publish(Content(RouteState.Stopped), Token)).ShouldBeFalse();
        (await publication.Publish(Content(RouteState.Stopped), Token)).ShouldBeFalse();
    }

    [Fact]
    public async Task Newer_route_of_an_earlier_activation_is_replaced()
    {
        routes.Highest = Sample.Now.AddDays(1).UtcTicks;
        var publication = Create();

        await publication.Publish(Content(RouteState.Serving), Token);

        routes.Published.Count.ShouldBe(2);
        publication.Version.ShouldBe(routes.Highest + 1);
        routes.Published[1].Version.ShouldBe(publication.Version);
        superseded.ShouldBe(0);
    }

    [Fact]
    public async Task Newer_route_after_an_acknowledgement_belongs_to_another_activation()
    {
        var publication = Create();
        await publication.Publish(Content(RouteState.Serving), Token);
        routes.Highest = Sample.Now.AddDays(1).UtcTicks;

        await publication.Publish(Content(RouteState.Stopped), Token);

        superseded.ShouldBe(1);
        routes.Published.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Only_a_report_above_the_latest_version_is_processed()
    {
        var publication = Create();
        await publication.OnNewer(long.MaxValue);
        routes.Acknowledge = false;
        await publication.Publish(Content(RouteState.Serving), Token);
        await publication.OnNewer(publication.Version);
        routes.Published.Count.ShouldBe(1);

        var newer = publication.Version + 5;
        await publication.OnNewer(newer);

        routes.Published.Count.ShouldBe(2);
        publication.Version.ShouldBe(newer + 1);
    }

    private RoutePublication Create(long stored = 0) => new(routes, stored, () => superseded++, time);

    private static Route Content(RouteState state) =>
        new()
        {
            Deployment = Sample.Name,
            Version = 0,
            State = state,
        };
}
