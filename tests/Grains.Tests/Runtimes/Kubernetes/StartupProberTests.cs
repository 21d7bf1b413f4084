using System.Text;
using DeployCard.Contracts.Pods;
using DeployCard.Tests.Support;
using DeployCard.Tests.Support.Kubernetes;

namespace DeployCard.Grains.Tests.Runtimes.Kubernetes;

/// <summary>Direct readiness probes of starting pods, in addition to the reports of their nodes.</summary>
public sealed class StartupProberTests : IAsyncLifetime
{
    private const string Address = "127.0.0.3";

    private readonly RespondingPod responder = new();
    private ApiServerDouble server = null!;

    public async ValueTask InitializeAsync() => server = await ApiServerDouble.Start();

    public async ValueTask DisposeAsync()
    {
        responder.Dispose();
        await server.DisposeAsync();
    }

    [Fact]
    public async Task Pod_is_ready_once_it_passes_the_probe_before_its_node_reports_it()
    {
        await using var silo = await Silo();
        await using var watch = silo.Watch();
        var pod = await silo.StartPod();
        server.Node.Run(pod.Name.Value, Address);
        await KubernetesHost.WaitUntil(() => responder.RequestCount >= 3, "the pod is probed repeatedly while it is not ready");
        watch.Last.ShouldNotBeNull().ShouldHaveSingleItem().Phase.ShouldBe(PodPhase.Starting);

        responder.IsReady = true;

        var ready = await watch.WaitUntil(pod, PodPhase.Ready);
        (ready.Address, ready.Reason).ShouldBe((new Uri($"http://{Address}:{responder.Port}/"), null));
        ready.ReadyAt.ShouldNotBeNull();
        responder.Target.ShouldBe("GET /healthz HTTP/1.1");
        var count = responder.RequestCount;
        server.Node.SetReady(pod.Name.Value);
        await watch.WaitUntil(pod, seen => seen.ReadyAt != ready.ReadyAt);
        watch
            .Reports.SkipWhile(pods => pods.All(seen => seen.Phase is not PodPhase.Ready))
            .ShouldAllBe(pods => pods.All(seen => seen.Phase == PodPhase.Ready));
        responder.RequestCount.ShouldBe(count);
    }

    [Fact]
    public async Task Report_of_the_node_counts_once_the_node_reported_the_pod_ready()
    {
        responder.IsReady = true;
        await using var silo = await Silo();
        await using var watch = silo.Watch();
        var pod = await silo.StartPod();
        server.Node.Run(pod.Name.Value, Address);
        await watch.WaitUntil(pod, PodPhase.Ready);

        server.Node.SetReady(pod.Name.Value);
        server.Node.SetReady(pod.Name.Value, isReady: false);

        (await watch.WaitUntil(pod, PodPhase.Starting)).Reason.ShouldBe(PodReasons.Unready);
    }

    [Fact]
    public async Task Readiness_of_one_run_does_not_count_for_the_next_run()
    {
        responder.IsReady = true;
        await using var silo = await Silo();
        await using var watch = silo.Watch();
        var pod = await silo.StartPod();
        server.Node.Run(pod.Name.Value, Address);
        await watch.WaitUntil(pod, PodPhase.Ready);

        responder.IsReady = false;
        server.Node.Crash(pod.Name.Value, 1);
        (await watch.WaitUntil(pod, PodPhase.Failed)).ReadyAt.ShouldNotBeNull();
        var count = responder.RequestCount;
        server.Node.Restart(pod.Name.Value);

        await KubernetesHost.WaitUntil(() => responder.RequestCount >= count + 3, "the next run is probed");
        (await watch.WaitUntil(pod, PodPhase.Starting)).Restarts.ShouldBe(1);
        responder.IsReady = true;
        await watch.WaitUntil(pod, PodPhase.Ready);
    }

    [Fact]
    public async Task HTTP2_pod_is_ready_once_it_accepts_a_connection()
    {
        await using var silo = await Silo(PodProtocol.H2c);
        await using var watch = silo.Watch();
        var pod = await silo.StartPod();

        server.Node.Run(pod.Name.Value, Address);

        (await watch.WaitUntil(pod, PodPhase.Ready)).Protocol.ShouldBe(PodProtocol.H2c);
    }

    private Task<KubernetesHost> Silo(PodProtocol protocol = PodProtocol.Http1) =>
        KubernetesHost.Start(
            server.KubeConfig,
            options =>
                options.Images.Add(
                    new()
                    {
                        Name = KubernetesHost.CreateSpec().Image,
                        Reference = "registry.example.org/iris:1",
                        Port = responder.Port,
                        ReadinessPath = "/healthz",
                        Protocol = protocol,
                    }
                )
        );

    /// <summary>HTTP server that responds with 503 until it is ready.</summary>
    private sealed class RespondingPod : IDisposable
    {
        private readonly RawTcpServer server;
        private volatile bool isReady;
        private volatile string target = "";
        private int count;

        public RespondingPod() =>
            server = new(
                async (request, client) =>
                {
                    target = request.Split("\r\n")[0];
                    await client.WriteAsync(
                        Encoding.ASCII.GetBytes($"HTTP/1.1 {(isReady ? 200 : 503)} x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                    );
                    Interlocked.Increment(ref count);
                },
                Address
            );

        public int Port => server.Port;

        public int RequestCount => Volatile.Read(ref count);

        public string Target => target;

        public bool IsReady
        {
            set => isReady = value;
        }

        public void Dispose() => server.Dispose();
    }
}
