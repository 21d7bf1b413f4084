using DeployCard.Grains.Deployments;
using DeployCard.Grains.Pods;
using DeployCard.Tests.Support.Kubernetes;

namespace DeployCard.Grains.Tests.Runtimes.Kubernetes;

/// <summary>What the runtime asks of the API server, all in all: a role has to allow just this.</summary>
public sealed class AccessTests
{
    [Fact]
    public async Task The_runtime_asks_for_nothing_beyond_pods_their_logs_and_their_metrics() =>
        (await AllCalls())
            .Select(call => (call.Group, call.Target, call.Verb))
            .Order()
            .ShouldBe([
                ("", "pods", "create"),
                ("", "pods", "delete"),
                ("", "pods", "get"),
                ("", "pods", "list"),
                ("", "pods", "patch"),
                ("", "pods", "watch"),
                ("", "pods/log", "get"),
                ("metrics.k8s.io", "pods", "list"),
            ]);

    /// <summary>Each kind of request in the life of a pod that is started, read, measured, crashes and is stopped, and of one that is swept away.</summary>
    internal static async Task<IReadOnlyCollection<ApiCall>> AllCalls()
    {
        await using var server = await ApiServerDouble.Start();
        await using var silo = await KubernetesHost.Start(
            server.KubeConfig,
            options => (options.OrphanSweepInterval, options.MinOrphanAge) = (TimeSpan.FromSeconds(1), TimeSpan.Zero)
        );
        await using var watch = silo.Watch();
        await silo.Started(KubernetesHost.Pod("lost-1-aaaaa", deployment: DeploymentName.Parse("lost")));
        var pod = await silo.Started();
        server.Node.RunReady(pod.Name.Value);
        server.Logs.Write(pod.Name.Value, "serving");
        await silo.Log.Until(pod, "serving");
        await watch.Until(pod, PodPhase.Ready);
        await silo.Usage.Measure(TestContext.Current.CancellationToken);
        server.Node.Crash(pod.Name.Value, 3);
        server.Node.Restart(pod.Name.Value);
        await watch.Until(pod, seen => seen.Restarts == 1);
        var stopping = silo.Stop(pod);
        await watch.Until(pod, PodPhase.Draining);
        server.Node.Finish(pod.Name.Value);
        await stopping;
        await KubernetesHost.Until(() => server.Pods.All.Count == 0, "the sweep");
        return server.Calls;
    }
}
