namespace DeployCard.GraphQL.Engine.Schemas;

/// <summary>Finds C# interfaces and base classes that are interfaces of the schema.</summary>
internal static class SchemaInterfaces
{
    public static bool IsSchemaInterface(Type type) => type.IsDefined(typeof(InterfaceTypeAttribute), inherit: false);

    /// <summary>Returns the schema interfaces that a type implements, excluding the type itself.</summary>
    public static IEnumerable<Type> ImplementedBy(Type type) => type.GetInterfaces().Concat(BaseClasses(type)).Where(IsSchemaInterface);

    private static IEnumerable<Type> BaseClasses(Type type)
    {
        for (var above = type.BaseType; above is not null; above = above.BaseType)
            yield return above;
    }
}
