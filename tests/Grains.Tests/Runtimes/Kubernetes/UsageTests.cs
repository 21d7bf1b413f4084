using System.Text.Json.Nodes;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Pods;
using DeployCard.Tests.Support.Kubernetes;
using Microsoft.Extensions.Time.Testing;

namespace DeployCard.Grains.Tests.Runtimes.Kubernetes;

/// <summary>CPU and memory usage of pods from the metrics API.</summary>
public sealed class UsageTests
{
    private const string Absence = "the metrics API (metrics.k8s.io) is unavailable";

    private readonly FakeTimeProvider time = new(TimeProvider.System.GetUtcNow());

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Missing_metrics_API_is_logged_once_and_pods_are_still_counted()
    {
        await using var server = await ApiServerDouble.Start();
        await using var silo = await KubernetesHost.Start(server.KubeConfig, time: time);
        await using var watch = silo.Watch();
        var pod = await Ready(server, silo, watch);
        for (var measured = 1; measured <= 3; measured++)
        {
            var used = (await silo.Usage.Measure(Token)).ShouldHaveSingleItem();
            (used.Pod, used.Deployment, used.IsReady, used.Cores, used.MemoryBytes).ShouldBe(
                (pod.Name, KubernetesHost.Iris, true, null, null)
            );
            server.MetricsRequestCount.ShouldBe(measured);
            time.Advance(TimeSpan.FromSeconds(11));
        }

        silo.LogMessages.Count(Absence).ShouldBe(1);
        silo.LogMessages.Count("the cluster does not provide it").ShouldBe(1);
    }

    [Fact]
    public async Task Usage_is_summed_over_containers_and_refreshed_every_ten_seconds()
    {
        await using var server = await ApiServerDouble.Start();
        await using var silo = await KubernetesHost.Start(server.KubeConfig, time: time);
        await using var watch = silo.Watch();
        var pod = await Ready(server, silo, watch);
        server.Metrics = Metrics(pod.Name.Value, ("250m", "128Mi"), ("1500000n", "64Ki"));

        var used = (await silo.Usage.Measure(Token)).ShouldHaveSingleItem();
        used.Cores.ShouldNotBeNull().ShouldBe(0.2515, 0.000001);
        used.MemoryBytes.ShouldBe((128L * 1024 * 1024) + (64 * 1024));
        server.Metrics = Metrics(pod.Name.Value, ("1", "1Gi"));
        (await silo.Usage.Measure(Token))[0].Cores.ShouldNotBeNull().ShouldBe(0.2515, 0.000001);
        time.Advance(TimeSpan.FromSeconds(11));
        (await silo.Usage.Measure(Token))[0].Cores.ShouldBe(1);

        server.Metrics = null;
        time.Advance(TimeSpan.FromSeconds(11));
        (await silo.Usage.Measure(Token))[0].Cores.ShouldBeNull();
        silo.LogMessages.Count(Absence).ShouldBe(1);
    }

    [Fact]
    public async Task Silo_reports_only_the_pods_that_it_watches()
    {
        await using var server = await ApiServerDouble.Start();
        await using var silo = await KubernetesHost.Start(server.KubeConfig, time: time);
        await using var watch = silo.Watch();
        await Ready(server, silo, watch);
        var other = DeploymentName.Parse("other");
        var foreign = await silo.StartPod(KubernetesHost.CreateSpec("other-1-aaaaa", deployment: other));
        await using (var also = silo.Watch(other))
            await also.WaitUntil(foreign, PodPhase.Starting);

        (await silo.Usage.Measure(Token)).ShouldHaveSingleItem().Deployment.ShouldBe(KubernetesHost.Iris);
    }

    private static async Task<PodSpec> Ready(ApiServerDouble server, KubernetesHost silo, PodWatch watch)
    {
        var pod = await silo.StartPod();
        server.Node.RunReady(pod.Name.Value);
        await watch.WaitUntil(pod, PodPhase.Ready);
        return pod;
    }

    private static JsonObject Metrics(string pod, params (string Cpu, string Memory)[] containers) =>
        new()
        {
            ["kind"] = "PodMetricsList",
            ["apiVersion"] = "metrics.k8s.io/v1beta1",
            ["metadata"] = new JsonObject(),
            ["items"] = new JsonArray(
                new JsonObject
                {
                    ["metadata"] = new JsonObject { ["name"] = pod, ["namespace"] = "models" },
                    ["timestamp"] = "2026-11-25T12:00:00Z",
                    ["window"] = "15.2s",
                    ["containers"] = new JsonArray([
                        .. containers.Select(
                            (container, i) =>
                                new JsonObject
                                {
                                    ["name"] = $"c{i}",
                                    ["usage"] = new JsonObject { ["cpu"] = container.Cpu, ["memory"] = container.Memory },
                                }
                        ),
                    ]),
                }
            ),
        };
}
