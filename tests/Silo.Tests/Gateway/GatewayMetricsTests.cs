using System.Diagnostics;
using System.Diagnostics.Metrics;
using DeployCard.Grains.Deployments;
using DeployCard.Silo.Gateway;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;

namespace DeployCard.Silo.Tests.Gateway;

public sealed class GatewayMetricsTests : IDisposable
{
    private readonly ServiceProvider services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly RouteTable routes = new(null!, new(TimeProvider.System), TimeProvider.System);
    private readonly IMeterFactory meters;
    private readonly GatewayMetrics metrics;

    public GatewayMetricsTests()
    {
        meters = services.GetRequiredService<IMeterFactory>();
        metrics = new(meters, routes);
    }

    public void Dispose() => services.Dispose();

    private MetricCollector<double> Collect(string name) => new(meters, GatewayMetrics.MeterName, name);

    [Fact]
    public void A_request_is_measured_with_deployment_and_status()
    {
        using var duration = Collect("deploycard.gateway.request.duration");

        metrics.Ended(Routes.Iris, new DefaultHttpContext(), null, Stopwatch.GetTimestamp());

        var measured = duration.LastMeasurement.ShouldNotBeNull();
        measured.Value.ShouldBeInRange(0, 60);
        measured.Tags["deploycard.deployment"].ShouldBe("iris");
        measured.Tags["http.response.status_code"].ShouldBe(200);
        measured.Tags.ContainsKey("error.type").ShouldBeFalse();
    }

    [Fact]
    public void A_refusal_is_measured_with_its_code()
    {
        using var duration = Collect("deploycard.gateway.request.duration");

        metrics.Refused(Routes.Iris, GatewayProblem.KeyMissing);

        duration.LastMeasurement!.Tags["error.type"].ShouldBe("KEY_MISSING");
        duration.LastMeasurement.Tags["http.response.status_code"].ShouldBe(401);
    }

    [Fact]
    public void A_wait_is_measured_and_a_cold_start_apart()
    {
        using var wait = Collect("deploycard.gateway.queue.duration");
        using var cold = Collect("deploycard.gateway.cold_start.duration");

        metrics.Waited(Routes.Iris, default);
        metrics.Waited(Routes.Iris, new(null, null, TimeSpan.FromSeconds(2)));
        metrics.Waited(Routes.Iris, new(null, null, TimeSpan.FromSeconds(3), IsCold: true));

        wait.GetMeasurementSnapshot().Select(m => m.Value).ShouldBe([2, 3]);
        cold.GetMeasurementSnapshot().Select(m => m.Value).ShouldBe([3]);
    }

    [Fact]
    public void Deployments_beyond_the_bound_are_counted_together()
    {
        using var duration = Collect("deploycard.gateway.request.duration");

        for (var n = 0; n < GatewayMetrics.MostDeployments + 10; n++)
            metrics.Refused(DeploymentName.Parse($"d{n}"), GatewayProblem.KeyMissing);

        var names = duration.GetMeasurementSnapshot().Select(m => (string)m.Tags["deploycard.deployment"]!).ToList();
        names.Distinct().Count().ShouldBe(GatewayMetrics.MostDeployments + 1);
        names.Count(name => name == "_other").ShouldBe(10);
    }
}
