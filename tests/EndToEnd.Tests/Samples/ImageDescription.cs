using System.Text.Json;

namespace DeployCard.EndToEnd.Tests.Samples;

/// <summary>What these tests need of an <c>image.json</c>.</summary>
internal sealed record ImageDescription(string[] Command, string ReadinessPath, string[]? Check, string? Readme, ImageExample[] Examples)
{
    public static ImageDescription In(string folder) =>
        JsonSerializer.Deserialize<ImageDescription>(File.ReadAllText(Path.Combine(folder, "image.json")), JsonSerializerOptions.Web)!;
}

internal sealed record ImageExample(string Name, string Method, string Path, Dictionary<string, string> Headers, string Body);
