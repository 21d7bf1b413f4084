using System.Text;
using DeployCard.Grains.Pods;
using DeployCard.Tests.Support;
using DeployCard.Tests.Support.Kubernetes;

namespace DeployCard.Grains.Tests.Runtimes.Kubernetes;

/// <summary>What a pod that starts answers us, beside what its node says of it.</summary>
public sealed class StartProbesTests : IAsyncLifetime
{
    private const string Address = "127.0.0.3";

    private readonly AnsweringPod answering = new();
    private ApiServerDouble server = null!;

    public async ValueTask InitializeAsync() => server = await ApiServerDouble.Start();

    public async ValueTask DisposeAsync()
    {
        answering.Dispose();
        await server.DisposeAsync();
    }

    [Fact]
    public async Task A_pod_is_ready_once_it_says_so_whatever_its_node_has_not_said_yet()
    {
        await using var silo = await Silo();
        await using var watch = silo.Watch();
        var pod = await silo.Started();
        server.Node.Run(pod.Name.Value, Address);
        await KubernetesHost.Until(() => answering.Questions >= 3, "it is asked again while it is not ready");
        watch.Last.ShouldNotBeNull().ShouldHaveSingleItem().Phase.ShouldBe(PodPhase.Starting);

        answering.IsReady = true;

        var ready = await watch.Until(pod, PodPhase.Ready);
        (ready.Address, ready.Reason).ShouldBe((new Uri($"http://{Address}:{answering.Port}/"), null));
        ready.ReadyAt.ShouldNotBeNull();
        answering.Target.ShouldBe("GET /healthz HTTP/1.1");
        var questions = answering.Questions;
        server.Node.Ready(pod.Name.Value);
        await watch.Until(pod, seen => seen.ReadyAt != ready.ReadyAt);
        watch
            .Seen.SkipWhile(pods => pods.All(seen => seen.Phase is not PodPhase.Ready))
            .ShouldAllBe(pods => pods.All(seen => seen.Phase == PodPhase.Ready));
        answering.Questions.ShouldBe(questions);
    }

    [Fact]
    public async Task Once_its_node_has_called_it_ready_the_nodes_word_counts()
    {
        answering.IsReady = true;
        await using var silo = await Silo();
        await using var watch = silo.Watch();
        var pod = await silo.Started();
        server.Node.Run(pod.Name.Value, Address);
        await watch.Until(pod, PodPhase.Ready);

        server.Node.Ready(pod.Name.Value);
        server.Node.Ready(pod.Name.Value, isReady: false);

        (await watch.Until(pod, PodPhase.Starting)).Reason.ShouldBe(PodReasons.Unready);
    }

    [Fact]
    public async Task What_one_run_has_said_says_nothing_of_the_next()
    {
        answering.IsReady = true;
        await using var silo = await Silo();
        await using var watch = silo.Watch();
        var pod = await silo.Started();
        server.Node.Run(pod.Name.Value, Address);
        await watch.Until(pod, PodPhase.Ready);

        answering.IsReady = false;
        server.Node.Crash(pod.Name.Value, 1);
        (await watch.Until(pod, PodPhase.Failed)).ReadyAt.ShouldNotBeNull();
        var questions = answering.Questions;
        server.Node.Restart(pod.Name.Value);

        await KubernetesHost.Until(() => answering.Questions >= questions + 3, "the next run is asked anew");
        (await watch.Until(pod, PodPhase.Starting)).Restarts.ShouldBe(1);
        answering.IsReady = true;
        await watch.Until(pod, PodPhase.Ready);
    }

    [Fact]
    public async Task A_pod_that_speaks_HTTP2_is_ready_once_it_takes_a_connection()
    {
        await using var silo = await Silo(PodProtocol.H2c);
        await using var watch = silo.Watch();
        var pod = await silo.Started();

        server.Node.Run(pod.Name.Value, Address);

        (await watch.Until(pod, PodPhase.Ready)).Protocol.ShouldBe(PodProtocol.H2c);
    }

    private Task<KubernetesHost> Silo(PodProtocol protocol = PodProtocol.Http1) =>
        KubernetesHost.Start(
            server.KubeConfig,
            options =>
                options.Images.Add(
                    new()
                    {
                        Name = KubernetesHost.Pod().Image,
                        Reference = "registry.example.org/iris:1",
                        Port = answering.Port,
                        ReadinessPath = "/healthz",
                        Protocol = protocol,
                    }
                )
        );

    /// <summary>Answers 503 until it is ready.</summary>
    private sealed class AnsweringPod : IDisposable
    {
        private readonly BareServer server;
        private volatile bool isReady;
        private volatile string target = "";
        private int questions;

        public AnsweringPod() =>
            server = new(
                async (request, client) =>
                {
                    target = request.Split("\r\n")[0];
                    await client.WriteAsync(
                        Encoding.ASCII.GetBytes($"HTTP/1.1 {(isReady ? 200 : 503)} x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                    );
                    Interlocked.Increment(ref questions);
                },
                Address
            );

        public int Port => server.Port;

        public int Questions => Volatile.Read(ref questions);

        public string Target => target;

        public bool IsReady
        {
            set => isReady = value;
        }

        public void Dispose() => server.Dispose();
    }
}
