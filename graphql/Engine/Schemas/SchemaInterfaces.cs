namespace DeployCard.GraphQL.Engine.Schemas;

/// <summary>The C# interfaces and base classes that are interfaces of the schema.</summary>
internal static class SchemaInterfaces
{
    public static bool IsOne(Type type) => type.IsDefined(typeof(InterfaceTypeAttribute), inherit: false);

    /// <summary>Those that a type implements, not itself.</summary>
    public static IEnumerable<Type> Of(Type type) => type.GetInterfaces().Concat(BaseClasses(type)).Where(IsOne);

    private static IEnumerable<Type> BaseClasses(Type type)
    {
        for (var above = type.BaseType; above is not null; above = above.BaseType)
            yield return above;
    }
}
