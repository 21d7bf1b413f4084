using k8s;
using k8s.Models;

namespace DeployCard.Tests.Support.Kubernetes;

/// <summary>What an overlay of <c>k8s/</c> renders to, each object as its type: a field that this type does not have is refused.</summary>
public sealed class Manifests
{
    private Manifests(string text, IReadOnlyList<IKubernetesObject<V1ObjectMeta>> objects) => (Text, Objects) = (text, objects);

    public static Manifests Small { get; } = Of("small");

    public static Manifests Production { get; } = Of("production");

    /// <summary>The folder <c>k8s</c>.</summary>
    public static string Folder => Path.Combine(Solution(), "k8s");

    public string Text { get; }

    public IReadOnlyList<IKubernetesObject<V1ObjectMeta>> Objects { get; }

    /// <summary>Everything that makes pods.</summary>
    public IReadOnlyList<Workload> Workloads =>
        [
            .. All<V1Deployment>().Select(one => new Workload(one.Metadata.Name, one.Spec.Selector, one.Spec.Template)),
            .. All<V1StatefulSet>().Select(one => new Workload(one.Metadata.Name, one.Spec.Selector, one.Spec.Template)),
            .. All<V1DaemonSet>().Select(one => new Workload(one.Metadata.Name, one.Spec.Selector, one.Spec.Template)),
            .. All<V1Job>().Select(one => new Workload(one.Metadata.Name, one.Spec.Selector, one.Spec.Template)),
        ];

    /// <summary>The silos.</summary>
    public Workload Silos => Workloads.Single(one => one.Name == "deploycard");

    /// <summary>The file that an overlay's rendering is kept in.</summary>
    public static string FileOf(string overlay) => Path.Combine(Folder, "rendered", $"{overlay}.yaml");

    public static Manifests Of(string overlay) => Parse(File.ReadAllText(FileOf(overlay)));

    public static Manifests Parse(string yaml) =>
        new(yaml, [.. KubernetesYaml.LoadAllFromString(yaml, strict: true).Cast<IKubernetesObject<V1ObjectMeta>>()]);

    public IEnumerable<T> All<T>() => Objects.OfType<T>();

    public T One<T>(string name)
        where T : IKubernetesObject<V1ObjectMeta> => All<T>().Single(one => one.Metadata.Name == name);

    /// <summary>The environment that a container starts with.</summary>
    /// <param name="container">The container.</param>
    /// <param name="field">What a field of the pod holds, by its path as in <c>status.podIP</c>.</param>
    public IReadOnlyDictionary<string, string> Environment(V1Container container, Func<string, string> field)
    {
        var environment = new Dictionary<string, string>();
        foreach (var from in container.EnvFrom ?? [])
        {
            foreach (var (name, value) in One<V1ConfigMap>(from.ConfigMapRef.Name).Data)
                environment[name] = value;
        }

        foreach (var variable in container.Env ?? [])
            environment[variable.Name] = variable.ValueFrom?.FieldRef is { } reference ? field(reference.FieldPath) : variable.Value;
        return environment;
    }

    /// <summary>The folder of the whole project.</summary>
    private static string Solution()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Orleans.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new DirectoryNotFoundException($"No folder above {AppContext.BaseDirectory} holds Orleans.sln.");
    }
}

/// <summary>Something that makes pods.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Selector">What its pods are known by.</param>
/// <param name="Template">What its pods are made from.</param>
public sealed record Workload(string Name, V1LabelSelector Selector, V1PodTemplateSpec Template)
{
    public IDictionary<string, string> Labels => Template.Metadata.Labels;

    /// <summary>All containers, those too that run before others.</summary>
    public IReadOnlyList<V1Container> Containers => [.. Template.Spec.InitContainers ?? [], .. Template.Spec.Containers];

    public V1Container Container(string name) => Containers.Single(container => container.Name == name);
}
