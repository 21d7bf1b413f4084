using System.Text.Json;

namespace DeployCard.EndToEnd.Tests.Samples;

/// <summary>Members of an <c>image.json</c> that these tests use.</summary>
internal sealed record ImageDescription(string[] Command, string ReadinessPath, string[]? Check, string? Readme, ImageExample[] Examples)
{
    public static ImageDescription ReadFrom(string folder) =>
        JsonSerializer.Deserialize<ImageDescription>(File.ReadAllText(Path.Combine(folder, "image.json")), JsonSerializerOptions.Web)!;
}

internal sealed record ImageExample(string Name, string Method, string Path, Dictionary<string, string> Headers, string Body);
