using DeployCard.Contracts.Names;
using DeployCard.Contracts.Pods;
using DeployCard.Tests.Support.Kubernetes;

namespace DeployCard.Grains.Tests.Runtimes.Kubernetes;

/// <summary>All kinds of requests that the runtime sends to the API server; the role of silos must allow exactly these.</summary>
public sealed class AccessTests
{
    [Fact]
    public async Task Runtime_requests_only_pods_their_logs_and_their_metrics() =>
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

    /// <summary>
    /// Returns the kinds of requests for a pod that starts, is read, is measured, crashes and is stopped, and for an orphaned pod.
    /// </summary>
    internal static async Task<IReadOnlyCollection<ApiCall>> AllCalls()
    {
        await using var server = await ApiServerDouble.Start();
        await using var silo = await KubernetesHost.Start(
            server.KubeConfig,
            options => (options.OrphanSweepInterval, options.MinOrphanAge) = (TimeSpan.FromSeconds(1), TimeSpan.Zero)
        );
        await using var watch = silo.Watch();
        await silo.StartPod(KubernetesHost.CreateSpec("lost-1-aaaaa", deployment: DeploymentName.Parse("lost")));
        var pod = await silo.StartPod();
        server.Node.RunReady(pod.Name.Value);
        server.Logs.Write(pod.Name.Value, "serving");
        await silo.Log.WaitUntil(pod, "serving");
        await watch.WaitUntil(pod, PodPhase.Ready);
        await silo.Usage.Measure(TestContext.Current.CancellationToken);
        server.Node.Crash(pod.Name.Value, 3);
        server.Node.Restart(pod.Name.Value);
        await watch.WaitUntil(pod, seen => seen.Restarts == 1);
        var stopping = silo.StopPod(pod);
        await watch.WaitUntil(pod, PodPhase.Draining);
        server.Node.FinishDeletion(pod.Name.Value);
        await stopping;
        await KubernetesHost.WaitUntil(() => server.Pods.All.Count == 0, "the sweep");
        return server.Calls;
    }
}
