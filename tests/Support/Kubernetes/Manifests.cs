using k8s;
using k8s.Models;

namespace DeployCard.Tests.Support.Kubernetes;

/// <summary>Rendered objects of an overlay of <c>k8s/</c>, parsed strictly: an unknown field is an error.</summary>
public sealed class Manifests
{
    private Manifests(string text, IReadOnlyList<IKubernetesObject<V1ObjectMeta>> objects) => (Text, Objects) = (text, objects);

    public static Manifests Small { get; } = Load("small");

    public static Manifests Production { get; } = Load("production");

    /// <summary>Path of the folder <c>k8s</c>.</summary>
    public static string Folder => Path.Combine(Snapshot.Root, "k8s");

    public string Text { get; }

    public IReadOnlyList<IKubernetesObject<V1ObjectMeta>> Objects { get; }

    /// <summary>Objects of all kinds that create pods.</summary>
    public IReadOnlyList<Workload> Workloads =>
        [
            .. All<V1Deployment>().Select(one => new Workload(one.Metadata.Name, one.Spec.Selector, one.Spec.Template)),
            .. All<V1StatefulSet>().Select(one => new Workload(one.Metadata.Name, one.Spec.Selector, one.Spec.Template)),
            .. All<V1DaemonSet>().Select(one => new Workload(one.Metadata.Name, one.Spec.Selector, one.Spec.Template)),
            .. All<V1Job>().Select(one => new Workload(one.Metadata.Name, one.Spec.Selector, one.Spec.Template)),
        ];

    /// <summary>Workload of the silos.</summary>
    public Workload Silos => Workloads.Single(one => one.Name == "deploycard");

    /// <summary>Returns the path of the committed rendering of an overlay.</summary>
    public static string GetRenderedPath(string overlay) => Path.Combine(Folder, "rendered", $"{overlay}.yaml");

    public static Manifests Load(string overlay) => Parse(File.ReadAllText(GetRenderedPath(overlay)));

    public static Manifests Parse(string yaml) =>
        new(yaml, [.. KubernetesYaml.LoadAllFromString(yaml, strict: true).Cast<IKubernetesObject<V1ObjectMeta>>()]);

    public IEnumerable<T> All<T>() => Objects.OfType<T>();

    public T Named<T>(string name)
        where T : IKubernetesObject<V1ObjectMeta> => All<T>().Single(one => one.Metadata.Name == name);

    /// <summary>Returns the environment variables of a container.</summary>
    /// <param name="container">A container of these manifests.</param>
    /// <param name="field">Returns the value of a pod field by its path, such as <c>status.podIP</c>.</param>
    public IReadOnlyDictionary<string, string> GetEnvironment(V1Container container, Func<string, string> field)
    {
        var environment = new Dictionary<string, string>();
        foreach (var from in container.EnvFrom ?? [])
        {
            foreach (var (name, value) in Named<V1ConfigMap>(from.ConfigMapRef.Name).Data)
                environment[name] = value;
        }

        foreach (var variable in container.Env ?? [])
            environment[variable.Name] = variable.ValueFrom?.FieldRef is { } reference ? field(reference.FieldPath) : variable.Value;
        return environment;
    }
}

/// <summary>Object that creates pods.</summary>
/// <param name="Name">Name of the object.</param>
/// <param name="Selector">Label selector of the pods.</param>
/// <param name="Template">Template of the pods.</param>
public sealed record Workload(string Name, V1LabelSelector Selector, V1PodTemplateSpec Template)
{
    public IDictionary<string, string> Labels => Template.Metadata.Labels;

    /// <summary>All containers, including init containers.</summary>
    public IReadOnlyList<V1Container> Containers => [.. Template.Spec.InitContainers ?? [], .. Template.Spec.Containers];

    public V1Container Container(string name) => Containers.Single(container => container.Name == name);
}
