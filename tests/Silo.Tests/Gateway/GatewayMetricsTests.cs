using System.Diagnostics;
using System.Diagnostics.Metrics;
using DeployCard.Common.Telemetry;
using DeployCard.Contracts.Names;
using DeployCard.Gateway;
using DeployCard.Gateway.Problems;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;

namespace DeployCard.Silo.Tests.Gateway;

public sealed class GatewayMetricsTests : IDisposable
{
    private readonly ServiceProvider services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly RouteTable routes = TestGateway.CreateRoutes();
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
    public void Request_duration_is_tagged_with_deployment_and_status()
    {
        using var duration = Collect("deploycard.gateway.request.duration");

        metrics.RecordEnded(Routes.Iris, new DefaultHttpContext(), null, Stopwatch.GetTimestamp());

        var measured = duration.LastMeasurement.ShouldNotBeNull();
        measured.Value.ShouldBeInRange(0, 60);
        measured.Tags["deploycard.deployment"].ShouldBe("iris");
        measured.Tags["http.response.status_code"].ShouldBe(200);
        measured.Tags.ContainsKey("error.type").ShouldBeFalse();
    }

    [Fact]
    public void Rejection_is_recorded_with_its_code()
    {
        using var duration = Collect("deploycard.gateway.request.duration");

        metrics.RecordRejected(Routes.Iris, AccessProblems.KeyMissing);

        duration.LastMeasurement!.Tags["error.type"].ShouldBe("KEY_MISSING");
        duration.LastMeasurement.Tags["http.response.status_code"].ShouldBe(401);
    }

    [Fact]
    public void Wait_and_cold_start_are_recorded_separately()
    {
        using var wait = Collect("deploycard.gateway.queue.duration");
        using var cold = Collect("deploycard.gateway.cold_start.duration");

        metrics.RecordWait(Routes.Iris, default);
        metrics.RecordWait(Routes.Iris, new(null, null, TimeSpan.FromSeconds(2)));
        metrics.RecordWait(Routes.Iris, new(null, null, TimeSpan.FromSeconds(3), IsCold: true));

        wait.GetMeasurementSnapshot().Select(m => m.Value).ShouldBe([2, 3]);
        cold.GetMeasurementSnapshot().Select(m => m.Value).ShouldBe([3]);
    }

    [Fact]
    public void Deployments_beyond_the_maximum_share_one_tag_value()
    {
        using var duration = Collect("deploycard.gateway.request.duration");

        for (var n = 0; n < DeploymentTag.MaxDeployments + 10; n++)
            metrics.RecordRejected(DeploymentName.Parse($"d{n}"), AccessProblems.KeyMissing);

        var names = duration.GetMeasurementSnapshot().Select(m => (string)m.Tags["deploycard.deployment"]!).ToList();
        names.Distinct().Count().ShouldBe(DeploymentTag.MaxDeployments + 1);
        names.Count(name => name == "_other").ShouldBe(10);
    }
}
