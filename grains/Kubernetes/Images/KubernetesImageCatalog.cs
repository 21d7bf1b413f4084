using DeployCard.Contracts.Configuration;
using DeployCard.Contracts.Runtimes;
using DeployCard.Kubernetes.Settings;
using Microsoft.Extensions.Options;

namespace DeployCard.Kubernetes.Images;

/// <summary>
/// Catalog of the images in the settings. If <see cref="KubernetesOptions.AllowAnyImage"/> is true, every image reference is a name, too.
/// Only a node that pulls an image finds out whether it exists, so a wrong image shows up as a failed pod.
/// </summary>
internal sealed class KubernetesImageCatalog(IOptions<KubernetesOptions> options) : IImageCatalog
{
    public Task<IReadOnlyList<Image>> List(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<Image>>([
            .. options.Value.Images.Select(FromSettings).OrderBy(image => image.Name, StringComparer.Ordinal).Select(Describe),
        ]);

    public Task<Image?> Find(string name, CancellationToken cancellationToken) =>
        Task.FromResult(Resolve(name) is { } image ? Describe(image) : null);

    /// <summary>Returns the image of that name; null if the name is not in the settings and is not an allowed reference.</summary>
    public KubernetesImage? Resolve(string name) =>
        options.Value.Images.FirstOrDefault(image => image.Name == name) is { } named ? FromSettings(named)
        : options.Value.AllowAnyImage && ImageReference.IsValid(name) ? FromSettings(new() { Name = name, Reference = name })
        : null;

    private static Image Describe(KubernetesImage image) => new(image.Name, image.Description, null, null, new ConfigurationInput(), []);

    private KubernetesImage FromSettings(KubernetesImageOptions image) =>
        new(
            image.Name,
            image.Reference,
            image.Description,
            image.Port ?? options.Value.Port,
            image.ReadinessPath ?? options.Value.ReadinessPath,
            image.Protocol,
            [.. image.Command]
        )
        {
            SharedMemoryBytes = image.SharedMemoryBytes,
            Volumes = [.. image.Volumes.Select(volume => new KubernetesVolume(volume.Claim, volume.Path, volume.ReadOnly))],
        };
}
