namespace DeployCard.Grains.Runtimes.LocalProcess.Images;

/// <summary>What an image may be called; a name is also a folder's, so none leads out of the images folder.</summary>
internal static class ImageName
{
    public const string Allowed = "1 to 255 characters, no '/', '\\' or control character, and no '.' first";

    public static bool IsValid(string name) =>
        name.Length is > 0 and <= 255 && name[0] != '.' && !name.Any(c => c is '/' or '\\' || char.IsControl(c));
}
