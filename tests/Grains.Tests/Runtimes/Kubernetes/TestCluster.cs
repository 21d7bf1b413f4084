using DeployCard.Kubernetes.Settings;
using DeployCard.Tests.Support;
using DeployCard.Tests.Support.Kubernetes;
using k8s;
using k8s.Autorest;
using k8s.Models;

namespace DeployCard.Grains.Tests.Runtimes.Kubernetes;

/// <summary>
/// Cluster for tests of whole pod lifecycles. The cluster is real if <c>DEPLOYCARD_TEST_KUBECONFIG</c> is set to its kubeconfig and
/// <c>DEPLOYCARD_TEST_IMAGE</c> to an image with a POSIX shell and <c>python3</c>, <c>httpd</c> or <c>busybox</c>. Otherwise doubles
/// replace the API server and a node, which runs the same commands as processes. Each test creates a namespace and deletes it.
/// </summary>
internal sealed class TestCluster : IAsyncDisposable
{
    // The only image that the double of the node can run.
    private const string DoubleImage = "registry.example.org/models/test:1";

    private const string Serve = """
        trap 'echo bye; kill $server; exit 0' TERM
        folder=`mktemp -d`; cd $folder; echo ok > index.html
        if command -v python3 > /dev/null; then python3 -m http.server $PORT --bind ${POD_IP:-0.0.0.0} > /dev/null 2>&1 &
        elif command -v httpd > /dev/null; then httpd -f -p ${POD_IP:-0.0.0.0}:$PORT -h . &
        elif command -v busybox > /dev/null; then busybox httpd -f -p ${POD_IP:-0.0.0.0}:$PORT -h . &
        else echo "The image has neither python3 nor httpd nor busybox."; exit 97; fi
        server=$!
        echo serving
        wait $server
        """;

    private static readonly string? Config = Environment.GetEnvironmentVariable("DEPLOYCARD_TEST_KUBECONFIG");

    private readonly ApiServerDouble? server;
    private readonly KubeletDouble? node;
    private DirectoryInfo? accounts;

    private TestCluster(string kubeConfig, string image, ApiServerDouble? server, KubeletDouble? node)
    {
        (KubeConfig, Image, this.server, this.node) = (kubeConfig, image, server, node);
        Client = new(KubernetesClientConfiguration.BuildConfigFromConfigFile(kubeConfig));
    }

    public static bool IsReal => !string.IsNullOrEmpty(Config);

    public string KubeConfig { get; }

    public string Image { get; }

    public string Namespace { get; } = $"deploycard-test-{Guid.NewGuid():n}"[..24];

    /// <summary>Client for actions of an administrator or another program.</summary>
    public k8s.Kubernetes Client { get; }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<TestCluster> Start()
    {
        var cluster = IsReal ? OpenGenuine(Config!) : await StartDouble();
        await cluster.Client.CoreV1.CreateNamespaceAsync(
            new V1Namespace { Metadata = new() { Name = cluster.Namespace } },
            cancellationToken: Token
        );
        if (IsReal)
            await cluster.WaitUntilPodsAreAccepted();
        return cluster;
    }

    /// <summary>Skips a test of behavior that the doubles do not have.</summary>
    public static void RequireRealCluster(string behavior) =>
        Assert.SkipUnless(IsReal, $"{behavior} needs a real cluster (DEPLOYCARD_TEST_KUBECONFIG).");

    /// <summary>Prints a feature that the cluster does not have.</summary>
    public static void ReportMissing(string feature) =>
        TestContext.Current.TestOutputHelper?.WriteLine($"This cluster lacks a feature, which is not a failure: {feature}");

    /// <summary>
    /// Sets the options of a silo in this cluster. Images: <c>serve</c>, <c>crash</c>, <c>never</c> (becomes ready), <c>eat</c> (memory),
    /// <c>missing</c>.
    /// </summary>
    public void Configure(KubernetesOptions options)
    {
        (options.Namespace, options.RunAsUser) = (Namespace, 65534);
        options.Port = IsReal ? 18080 : TestPorts.FindFree();
        // A single node may be a control-plane node, which normally runs no other pods.
        if (IsReal)
            options.Tolerations.Add(new());
        Add(options, "serve", Image, Serve);
        Add(options, "crash", Image, "echo begin; echo 'ValueError: no model' >&2; sleep 1; exit 3");
        Add(options, "never", Image, "trap 'kill $!; exit 143' TERM; echo loading; sleep 1000 & wait");
        Add(options, "eat", Image, "echo eating; x=aaaaaaaaaaaaaaaa; while true; do x=$x$x; done");
        Add(options, "missing", "registry.invalid/models/none:1", "true");
    }

    public Task<KubernetesHost> StartSilo(Action<KubernetesOptions>? configure = null, RecordedLog? log = null) =>
        KubernetesHost.Start(
            KubeConfig,
            options =>
            {
                Configure(options);
                configure?.Invoke(options);
            },
            log
        );

    /// <summary>Creates a service account with at least the rights of silos. Returns the path of its kubeconfig.</summary>
    public async Task<string> CreateServiceAccount(string name)
    {
        await Client.CoreV1.CreateNamespacedServiceAccountAsync(
            new() { Metadata = new() { Name = name } },
            Namespace,
            cancellationToken: Token
        );
        var binding = new V1RoleBinding
        {
            Metadata = new() { Name = name },
            RoleRef = new()
            {
                ApiGroup = "rbac.authorization.k8s.io",
                Kind = "ClusterRole",
                Name = "edit",
            },
            Subjects =
            [
                new()
                {
                    Kind = "ServiceAccount",
                    Name = name,
                    NamespaceProperty = Namespace,
                },
            ],
        };
        await Client.RbacAuthorizationV1.CreateNamespacedRoleBindingAsync(binding, Namespace, cancellationToken: Token);
        var request = new Authenticationv1TokenRequest { Spec = new() { Audiences = [] } };
        var given = await Client.CoreV1.CreateNamespacedServiceAccountTokenAsync(request, name, Namespace, cancellationToken: Token);

        var config = await KubernetesClientConfiguration.LoadKubeConfigAsync(KubeConfig);
        foreach (var user in config.Users)
            user.UserCredentials = new() { Token = given.Status.Token };
        accounts ??= Directory.CreateTempSubdirectory("deploycard-accounts-");
        var file = Path.Combine(accounts.FullName, $"{name}.kubeconfig");
        await File.WriteAllTextAsync(file, KubernetesYaml.Serialize(config), Token);
        return file;
    }

    /// <summary>Returns the names of all pods in the namespace, including those of other programs.</summary>
    public async Task<IReadOnlyList<string>> ListPods() =>
        [.. (await Client.CoreV1.ListNamespacedPodAsync(Namespace, cancellationToken: Token)).Items.Select(pod => pod.Metadata.Name)];

    public Task WaitForPods(params string[] names) =>
        Eventually.Get(
            async () => string.Join(' ', await ListPods()),
            pods => pods == string.Join(' ', names),
            Token,
            KubernetesHost.WaitTimeout,
            () => $"Expected pods: {string.Join(' ', names)}"
        );

    public async ValueTask DisposeAsync()
    {
        await Client.CoreV1.DeleteNamespaceAsync(Namespace, cancellationToken: CancellationToken.None);
        Client.Dispose();
        accounts?.Delete(recursive: true);
        if (node is not null)
            await node.DisposeAsync();
        if (server is not null)
            await server.DisposeAsync();
    }

    private static void Add(KubernetesOptions options, string name, string reference, string script)
    {
        var image = new KubernetesImageOptions { Name = name, Reference = reference };
        foreach (var part in new[] { "/bin/sh", "-c", script })
            image.Command.Add(part);
        options.Images.Add(image);
    }

    private static async Task<TestCluster> StartDouble()
    {
        var api = await ApiServerDouble.Start();
        return new(
            api.KubeConfig,
            DoubleImage,
            api,
            KubeletDouble.Start(api, new Dictionary<string, IReadOnlyList<string>> { [DoubleImage] = ["/bin/true"] })
        );
    }

    private static TestCluster OpenGenuine(string kubeConfig)
    {
        var image = Environment.GetEnvironmentVariable("DEPLOYCARD_TEST_IMAGE");
        Assert.SkipWhen(string.IsNullOrEmpty(image), "DEPLOYCARD_TEST_IMAGE must be an image that the cluster can pull.");
        return new(kubeConfig, image!, null, null);
    }

    /// <summary>
    /// Waits until a new namespace accepts pods. A namespace rejects pods until a controller has created the default service account and,
    /// in older clusters, its token.
    /// </summary>
    private Task WaitUntilPodsAreAccepted()
    {
        var pod = new V1Pod
        {
            Metadata = new() { Name = "any" },
            Spec = new() { Containers = [new() { Name = "any", Image = Image }] },
        };
        return Eventually.Get(
            () => GetRejection(pod),
            rejection => rejection is null,
            Token,
            KubernetesHost.WaitTimeout,
            () => $"Namespace {Namespace} does not accept pods (is the controller manager running?)"
        );
    }

    private async Task<string?> GetRejection(V1Pod pod)
    {
        try
        {
            await Client.CoreV1.CreateNamespacedPodAsync(pod, Namespace, dryRun: "All", cancellationToken: Token);
            return null;
        }
        catch (HttpOperationException e) when (e.Response.Content.Contains("service account", StringComparison.Ordinal))
        {
            return e.Response.Content;
        }
    }
}
