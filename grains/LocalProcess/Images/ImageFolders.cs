using DeployCard.LocalProcess.Settings;
using Microsoft.Extensions.Options;

namespace DeployCard.LocalProcess.Images;

/// <summary>Finds the images in the configured folders.</summary>
internal sealed class ImageFolders(IOptions<LocalProcessOptions> options)
{
    /// <summary>Returns all images, ordered by name.</summary>
    public IReadOnlyList<LocalImage> List()
    {
        var found = new SortedDictionary<string, string>(options.Value.Images, StringComparer.Ordinal);
        foreach (var folder in Roots().Where(Directory.Exists).SelectMany(Directory.EnumerateDirectories).Where(LocalImage.ExistsIn))
            found.TryAdd(Path.GetFileName(folder), folder);

        return
        [
            .. found
                .Where(image => ImageName.IsValid(image.Key))
                .Select(image => LocalImage.Read(image.Key, Path.GetFullPath(image.Value))),
        ];
    }

    /// <summary>Returns the image with the given name, or null if no folder contains it.</summary>
    public LocalImage? Find(string name)
    {
        if (!ImageName.IsValid(name))
            return null;

        var folder = options.Value.Images.TryGetValue(name, out var named)
            ? named
            : Roots().Select(root => Path.Combine(root, name)).FirstOrDefault(LocalImage.ExistsIn);
        return folder is null ? null : LocalImage.Read(name, Path.GetFullPath(folder));
    }

    private IEnumerable<string> Roots() =>
        options.Value.ImagesFolders.Count > 0 ? options.Value.ImagesFolders : [Path.Combine(AppContext.BaseDirectory, "images"), "images"];
}
