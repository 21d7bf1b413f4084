using DeployCard.Contracts.Configuration;
using DeployCard.Contracts.Runtimes;

namespace DeployCard.Tests.Support;

/// <summary>
/// Test double of the image catalog: scripted pods need no files, but a deployment needs the name and defaults of its image.
/// </summary>
public sealed class ScriptedImageCatalog : IImageCatalog
{
    public const string Plain = "plain";

    private readonly Dictionary<string, Image> images = new() { [Plain] = Create(Plain) };

    public static Image Create(string name, ConfigurationInput? defaults = null, string? readme = null, string? unavailable = null) =>
        new(name, $"The image {name}.", unavailable, readme, defaults ?? new ConfigurationInput(), []);

    public void Add(Image image)
    {
        lock (images)
            images[image.Name] = image;
    }

    public Task<IReadOnlyList<Image>> List(CancellationToken cancellationToken)
    {
        lock (images)
            return Task.FromResult<IReadOnlyList<Image>>([.. images.Values.OrderBy(image => image.Name)]);
    }

    public Task<Image?> Find(string name, CancellationToken cancellationToken)
    {
        lock (images)
            return Task.FromResult(images.GetValueOrDefault(name));
    }
}
